with verdicts as (
    select * from {{ ref('int_plan_verdicts') }}
),

-- The verdict is on the year: what was met before does not soften it.
items as (
    select
        *,
        case when status = 'met_last_year_not_now' then 'not_met' else status end as year_status
    from {{ ref('int_clause_board') }}
    where plan_kind = 'assessment'
),

breaks as (
    select * from {{ ref('int_plan_breaks') }}
),

statuses as (
    select * from {{ ref('clause_status') }}
),

plans as (
    select * from {{ ref('plan') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

parts as (
    select
        plan_code,
        district_code,
        year,
        max(numerator) filter (where part = 'schools') as schools_passing,
        max(denominator) filter (where part = 'schools') as schools_assessed,
        max(value) filter (where part = 'schools') as schools_passing_pct,
        max(numerator) filter (where part = 'coefficients') as coefficients_within_limit,
        max(denominator) filter (where part = 'coefficients') as coefficients_limited,
        max(value) filter (where part = 'satisfaction') as satisfied_pct,
    {% for part in ['schools', 'coefficients', 'government', 'quality', 'satisfaction', 'veto'] -%}
        count(*) filter (where part = '{{ part }}' and year_status <> 'not_applicable') as {{ part }}_items,
        count(*) filter (where part = '{{ part }}' and year_status = 'met') as {{ part }}_items_met,
        case
            when count(*) filter (where part = '{{ part }}') = 0 then null
            when bool_or(year_status = 'not_met') filter (where part = '{{ part }}') then 'not_met'
            when bool_or(year_status = 'no_data') filter (where part = '{{ part }}') then 'no_data'
            when bool_or(year_status = 'met') filter (where part = '{{ part }}') then 'met'
            else 'not_applicable'
        end as {{ part }}_verdict{{ "," if not loop.last }}
    {% endfor %}
    from items
    group by
        plan_code,
        district_code,
        year
)

select
    verdicts.plan_code,
    plans.name_zh as plan_zh,
    plans.name_en as plan_en,
    verdicts.region_code,
    verdicts.district_code,
    districts.district_name,
    verdicts.year,
    verdicts.year_status as verdict,
    statuses.name_zh as verdict_zh,
    statuses.name_en as verdict_en,
    verdicts.clauses_judged,
    verdicts.clauses_met,
    verdicts.clauses_not_met,
    verdicts.clauses_no_data,
    parts.schools_passing,
    parts.schools_assessed,
    parts.schools_passing_pct,
    parts.schools_verdict,
    parts.coefficients_within_limit,
    parts.coefficients_limited,
    parts.coefficients_verdict,
    parts.government_items_met,
    parts.government_items,
    parts.government_verdict,
    parts.quality_items_met,
    parts.quality_items,
    parts.quality_verdict,
    parts.satisfied_pct,
    parts.satisfaction_verdict,
    parts.veto_items_met,
    parts.veto_items,
    parts.veto_verdict,
    breaks.breaks_zh,
    breaks.breaks_en,
    breaks.failing_schools,
    breaks.missing_zh,
    breaks.missing_en
from verdicts
inner join parts
    on
        verdicts.plan_code = parts.plan_code
        and verdicts.district_code = parts.district_code
        and verdicts.year = parts.year
inner join statuses on verdicts.year_status = statuses.status
inner join plans on verdicts.plan_code = plans.plan_code
inner join districts on verdicts.district_code = districts.district_code
left join breaks
    on
        verdicts.plan_code = breaks.plan_code
        and verdicts.district_code = breaks.district_code
        and verdicts.year = breaks.year
