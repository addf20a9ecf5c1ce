with memberships as (
    select * from {{ ref('stg_school_cluster') }}
),

schools as (
    select * from {{ ref('int_school_conditions') }}
    where has_cluster_ledger
),

dimension as (
    select * from {{ ref('dim_school') }}
),

kinds as (
    select * from {{ ref('code_cluster_kind') }}
),

ledger_days as (
    select distinct
        district_code,
        school_year,
        ledger_date
    from schools
),

members as (
    select
        memberships.district_code,
        memberships.school_year,
        memberships.school_code,
        memberships.cluster_kind,
        memberships.cluster_code,
        memberships.cluster_name,
        memberships.joined_on,
        memberships.left_on,
        ledger_days.ledger_date,
        (memberships.joined_on is null or memberships.joined_on <= ledger_days.ledger_date)
        and (memberships.left_on is null or memberships.left_on > ledger_days.ledger_date) as is_member
    from memberships
    inner join ledger_days
        on
            memberships.district_code = ledger_days.district_code
            and memberships.school_year = ledger_days.school_year
),

-- A compulsory school that the ledger does not name has a row too: it is the one that is looked for.
outside as (
    select
        schools.district_code,
        schools.school_year,
        schools.school_code,
        'none' as cluster_kind,
        'none' as cluster_code,
        null as cluster_name,
        null::date as joined_on,
        null::date as left_on,
        schools.ledger_date,
        false as is_member
    from schools
    left join members
        on
            schools.district_code = members.district_code
            and schools.school_year = members.school_year
            and schools.school_code = members.school_code
    where members.school_code is null
),

every as (
    select * from members
    union all
    select * from outside
)

select
    every.district_code,
    every.school_year,
    every.school_code,
    dimension.school_name,
    every.cluster_kind,
    coalesce(kinds.name_zh, '未加入') as cluster_kind_zh,
    coalesce(kinds.name_en, 'In none') as cluster_kind_en,
    every.cluster_code,
    every.cluster_name,
    every.joined_on,
    every.left_on,
    every.ledger_date,
    every.is_member,
    count(*) filter (where every.is_member) over (
        partition by every.district_code, every.school_year, every.cluster_kind, every.cluster_code
    ) as cluster_members,
    schools.school_code is not null as is_compulsory_school,
    coalesce(schools.is_in_cluster, false) as is_in_cluster
from every
left join schools
    on
        every.district_code = schools.district_code
        and every.school_year = schools.school_year
        and every.school_code = schools.school_code
left join dimension
    on
        every.district_code = dimension.district_code
        and every.school_year = dimension.school_year
        and every.school_code = dimension.school_code
left join kinds on every.cluster_kind = kinds.code
