{% set line = ['belief_axis', 'district_code', 'series_key', 'fiscal_year'] -%}
{% set told = [
    'amount', 'vintage', 'edition', 'table_code', 'batch_id', 'previous_amount', 'status', 'verdict',
    'floor_amount', 'floor_verdict'
] -%}
{% set watched = ['is_known', 'amount', 'status', 'verdict', 'floor_amount', 'floor_verdict'] -%}

with statuses as (
    select * from {{ ref('int_spending_status') }}
),

points as (
    select distinct
        belief_axis,
        district_code,
        series_key,
        belief_point
    from statuses
    where belief_axis <> 'now'
),

years as (
    select distinct
        belief_axis,
        district_code,
        series_key,
        fiscal_year
    from statuses
    where belief_axis <> 'now'
),

-- A year of which nothing was known yet, or nothing any more, stands as an empty row.
believed as (
    select
        years.belief_axis,
        years.district_code,
        years.series_key,
        years.fiscal_year,
        points.belief_point,
        statuses.series_key is not null as is_known,
        {{ columns_of('statuses', told) }}
    from years
    inner join points
        on
            years.belief_axis = points.belief_axis
            and years.district_code = points.district_code
            and years.series_key = points.series_key
    left join statuses
        on
            points.belief_point = statuses.belief_point
            and {{ equal_columns('years', 'statuses', line) }}
),

compared as (
    select
        *,
        row_number() over point_order as point_number,
        {{ last_columns(watched, 'point_order') }}
    from believed
    window point_order as (partition by {{ line | join(', ') }} order by belief_point)
),

stepped as (
    select
        *,
        point_number = 1 or {{ columns_differ(watched) }} as is_step
    from compared
),

-- What stood before the first word on a year is no version of it.
steps as (
    select
        *,
        min(belief_point) filter (where is_known) over (partition by {{ line | join(', ') }})
            as first_known_point
    from stepped
),

versions as (
    select
        *,
        row_number() over point_order as version,
        lead(belief_point) over point_order as believed_until_point,
        lag(amount) over point_order as replaced_amount,
        lag(vintage) over point_order as replaced_vintage,
        lag(edition) over point_order as replaced_edition,
        lag(table_code) over point_order as replaced_table_code,
        lag(batch_id) over point_order as replaced_batch_id,
        count(*) over (partition by {{ line | join(', ') }}) as versions
    from steps
    where is_step and belief_point >= first_known_point
    window point_order as (partition by {{ line | join(', ') }} order by belief_point)
),

-- A budget that is left where an account was withdrawn is no belief of what was spent.
present as (
    select * from statuses
    where belief_axis = 'now' and not is_budget
)

select
    versions.belief_axis,
    versions.district_code,
    versions.series_key,
    versions.fiscal_year,
    versions.version,
    versions.belief_point as believed_from_point,
    versions.believed_until_point,
    (versions.believed_until_point is null) as is_believed_now,
    case
        when versions.version = 1 then null
        when not versions.is_known then 'withdrawn'
        when versions.vintage <> versions.replaced_vintage then 'later_vintage'
        when versions.edition <> versions.replaced_edition then 'later_edition'
        when versions.table_code <> versions.replaced_table_code then 'other_table'
        when versions.batch_id <> versions.replaced_batch_id then 'corrected_file'
        else 'other_year'
    end as cause,
    {{ columns_of('versions', told) }},
    versions.replaced_amount,
    versions.amount - versions.replaced_amount as restated_amount,
    present.amount as amount_now,
    present.status as status_now,
    present.verdict as verdict_now,
    present.floor_amount as floor_amount_now,
    present.floor_verdict as floor_verdict_now,
    coalesce(versions.verdict, 'no_data') <> coalesce(present.verdict, 'no_data') as is_verdict_turned,
    coalesce(versions.floor_verdict, 'no_data') <> coalesce(present.floor_verdict, 'no_data')
        as is_floor_verdict_turned
from versions
left join present
    on
        versions.district_code = present.district_code
        and versions.series_key = present.series_key
        and versions.fiscal_year = present.fiscal_year
where versions.versions > 1
