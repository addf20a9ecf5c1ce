-- Amounts that came before tables were told apart: their partition ended with the basis. Each gets the table of the
-- profile that it was read with, or none where our own template was. What a file took the place of stays replaced.
-- Only keys of the old shape are touched, so that running it again changes nothing.
create temporary table finance_before_tables on commit drop as
select distinct
    amounts.batch_id,
    amounts.partition_key,
    amounts.scope_code,
    amounts.fund_source_code,
    case
        when amounts.table_code is not null then amounts.table_code
        when batch.profile in ('finance_statistics_1', 'finance_statistics_4')
            then substr(batch.profile, length('finance_') + 1)
        when batch.profile = 'finance_statistics_5' and amounts.fund_source_code = 'general_public_budget'
            then 'statistics_5_2'
        when batch.profile = 'finance_statistics_5' then 'statistics_5_1'
        when batch.profile in ('finance_bureau_by_item', 'finance_bureau_by_stage') then 'yearly'
        when batch.profile in ('finance_bureau_by_item_growth', 'finance_bureau_by_stage_growth')
            then 'yearly_growth'
        when batch.profile = 'finance_account_wan' then 'account'
        when batch.profile in ('published_finance_total', 'published_finance_per_student') then 'bulletin'
        when batch.profile = 'beijing_public_funds' then 'open_data'
        when batch.profile <> 'finance_open_growth' then null
        -- A portal's file tells its tables apart by the name of the indicator, as scope and funds were read from it.
        when amounts.scope_code = 'public_funds' and amounts.fund_source_code = 'general_public_budget'
            then 'open_budget_public_funds'
        when amounts.scope_code = 'public_funds' then 'open_public_funds'
        when amounts.scope_code = 'operating_funds' then 'open_operating_funds'
        else 'open_data'
    end as table_code
from raw.finance as amounts
inner join ops.load_batch as batch on amounts.batch_id = batch.batch_id
where amounts.partition_key = concat_ws(
    '|', amounts.district_code, amounts.fiscal_year, amounts.edition, amounts.vintage, amounts.item_code, amounts.basis
);

-- Where a file in today's shape took the place of such amounts and could not know it, it takes it now.
insert into ops.partition_batch (record, partition_key, batch_id, accepted_at, superseded_at, superseded_by)
select distinct
    former.record,
    former.partition_key || '|' || coalesce(finance_before_tables.table_code, 'not_stated'),
    former.batch_id,
    former.accepted_at,
    coalesce(
        former.superseded_at,
        case when latter.batch_id is not null then greatest(latter.accepted_at, former.accepted_at) end
    ),
    coalesce(former.superseded_by, latter.batch_id)
from ops.partition_batch as former
inner join finance_before_tables
    on former.batch_id = finance_before_tables.batch_id
    and former.partition_key = finance_before_tables.partition_key
left join ops.partition_batch as latter
    on latter.record = former.record
    and latter.partition_key
    = former.partition_key || '|' || coalesce(finance_before_tables.table_code, 'not_stated')
    and latter.superseded_at is null
where former.record = 'finance'
on conflict (record, partition_key, batch_id) do nothing;

delete from ops.partition_batch as former
using finance_before_tables
where
    former.record = 'finance'
    and former.batch_id = finance_before_tables.batch_id
    and former.partition_key = finance_before_tables.partition_key;

update raw.finance as amounts
set
    table_code = finance_before_tables.table_code,
    partition_key = amounts.partition_key || '|' || coalesce(finance_before_tables.table_code, 'not_stated')
from finance_before_tables
where
    amounts.batch_id = finance_before_tables.batch_id
    and amounts.partition_key = finance_before_tables.partition_key
    and (amounts.scope_code, coalesce(amounts.fund_source_code, ''))
    = (finance_before_tables.scope_code, coalesce(finance_before_tables.fund_source_code, ''));

drop table finance_before_tables;
