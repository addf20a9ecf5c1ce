-- Amounts that came when a file was a whole table: their partition ended with the table. Each slice of it (entity,
-- stage, scope) is a partition of its own now. What a file took the place of stays replaced, slices that it did not
-- mention too. Only keys of the old shape are touched, so that running it again changes nothing.
create temporary table finance_before_parts on commit drop as
select
    batch_id,
    partition_key,
    concat_ws('|', partition_key, entity_code, stage, scope_code) as new_key
from raw.finance
where partition_key = concat_ws(
    '|', district_code, fiscal_year, edition, vintage, item_code, basis, coalesce(table_code, 'not_stated')
)
group by batch_id, partition_key, entity_code, stage, scope_code;

-- Where a file in today's shape took the place of a slice and could not know it, it takes it now.
insert into ops.partition_batch (record, partition_key, batch_id, accepted_at, superseded_at, superseded_by)
select
    former.record,
    finance_before_parts.new_key,
    former.batch_id,
    former.accepted_at,
    coalesce(
        former.superseded_at,
        case when latter.batch_id is not null then greatest(latter.accepted_at, former.accepted_at) end
    ),
    coalesce(former.superseded_by, latter.batch_id)
from ops.partition_batch as former
inner join finance_before_parts
    on former.batch_id = finance_before_parts.batch_id
    and former.partition_key = finance_before_parts.partition_key
left join ops.partition_batch as latter
    on latter.record = former.record
    and latter.partition_key = finance_before_parts.new_key
    and latter.superseded_at is null
where former.record = 'finance'
on conflict (record, partition_key, batch_id) do nothing;

delete from ops.partition_batch as former
using finance_before_parts
where
    former.record = 'finance'
    and former.batch_id = finance_before_parts.batch_id
    and former.partition_key = finance_before_parts.partition_key;

update raw.finance as amounts
set partition_key = concat_ws('|', amounts.partition_key, amounts.entity_code, amounts.stage, amounts.scope_code)
from finance_before_parts
where
    amounts.batch_id = finance_before_parts.batch_id
    and amounts.partition_key = finance_before_parts.partition_key
    and concat_ws('|', amounts.partition_key, amounts.entity_code, amounts.stage, amounts.scope_code)
    = finance_before_parts.new_key;

drop table finance_before_parts;

-- What a file took along without holding it: a mended row of it must not come back beside that file. True of a
-- database too that was brought up to date before this was written down.
insert into ops.emptied_partition (batch_id, partition_key)
select distinct
    gone.superseded_by,
    gone.partition_key
from ops.partition_batch as gone
left join raw.finance as amounts
    on gone.superseded_by = amounts.batch_id
    and gone.partition_key = amounts.partition_key
where
    gone.record = 'finance'
    and gone.superseded_by is not null
    and amounts.batch_id is null
on conflict (batch_id, partition_key) do nothing;
