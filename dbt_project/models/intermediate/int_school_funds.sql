with funds as (
    select * from {{ ref('stg_school_funds') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

stage_students as (
    select * from {{ ref('int_school_stage_students') }}
    where stage in ('primary', 'junior_secondary')
),

verdicts as (
    select * from {{ ref('int_school_verdicts') }}
),

growths as (
    select * from {{ ref('int_finance_growths') }}
),

parameters as (
    select
        max(value) filter (where parameter = 'school_funds_school_year_lag')::integer as lag_years,
        max(value) filter (where parameter = 'school_funds_excluded_sector') as excluded_sector,
        max(value) filter (where parameter = 'small_school_students')::numeric as small_students,
        max(value) filter (where parameter = 'training_min_pct')::numeric as training_min_pct,
        max(value) filter (where parameter = 'tilt_area_groups') as area_groups,
        max(value) filter (where parameter = 'boarding_school_min_pct')::numeric as boarding_min_pct,
        max(value) filter (where parameter = 'weak_school_standard') as weak_standard
    from {{ ref('finance_parameter') }}
),

funded_years as (
    select distinct
        funds.region_code,
        funds.district_code,
        funds.fiscal_year,
        funds.fiscal_year - parameters.lag_years as school_year
    from funds
    cross join parameters
),

-- Pupils of the compulsory stages; a campus belongs to its parent.
pupils_by_stage as (
    select
        district_code,
        school_year,
        counted_school_code as school_code,
        stage,
        {{ sum_if_complete('students') }} as students,
        {{ sum_if_complete('boarding_students') }} as boarding_students
    from stage_students
    group by district_code, school_year, counted_school_code, stage
),

standards as (
    select
        district_code,
        fiscal_year,
        stage,
        right(item_code, 5) as urban_rural_group,
        amount
    from growths
    where
        item_code in ('public_funds_standard_urban', 'public_funds_standard_rural')
        and leg = 'per_student_published'
),

-- What each stage would be given by the standard of its place.
reckoned as (
    select
        pupils_by_stage.district_code,
        funded_years.fiscal_year,
        pupils_by_stage.school_code,
        pupils_by_stage.stage,
        pupils_by_stage.students,
        pupils_by_stage.boarding_students,
        pupils_by_stage.students * standards.amount as standard_funds
    from pupils_by_stage
    inner join funded_years
        on
            pupils_by_stage.district_code = funded_years.district_code
            and pupils_by_stage.school_year = funded_years.school_year
    inner join schools
        on
            pupils_by_stage.district_code = schools.district_code
            and pupils_by_stage.school_year = schools.school_year
            and pupils_by_stage.school_code = schools.school_code
    left join standards
        on
            pupils_by_stage.district_code = standards.district_code
            and funded_years.fiscal_year = standards.fiscal_year
            and pupils_by_stage.stage = standards.stage
            and schools.urban_rural_group = standards.urban_rural_group
),

pupils as (
    select
        district_code,
        fiscal_year,
        school_code,
        string_agg(stage, ',' order by stage desc) as stages,
        {{ sum_if_complete('students') }} as students,
        {{ sum_if_complete('boarding_students') }} as boarding_students,
        {{ sum_if_complete('standard_funds') }} as standard_funds
    from reckoned
    group by district_code, fiscal_year, school_code
),

-- A campus that hands in nothing of its own stands in the figures of its parent.
money as (
    select
        funds.district_code,
        funds.fiscal_year,
        coalesce(schools.counted_school_code, funds.school_code) as school_code,
        {{ sum_if_complete('funds.public_funds_budget_yuan') }} as public_funds_budget_yuan,
        {{ sum_if_complete('funds.public_funds_account_yuan') }} as public_funds_account_yuan,
        {{ sum_if_complete('funds.training_budget_yuan') }} as training_budget_yuan,
        {{ sum_if_complete('funds.training_account_yuan') }} as training_account_yuan,
        {{ sum_if_complete('funds.special_funds_yuan') }} as special_funds_yuan,
        {{ sum_if_complete('funds.allocated_students') }} as allocated_students
    from funds
    cross join parameters
    left join schools
        on
            funds.district_code = schools.district_code
            and funds.fiscal_year - parameters.lag_years = schools.school_year
            and funds.school_code = schools.school_code
    group by
        funds.district_code,
        funds.fiscal_year,
        coalesce(schools.counted_school_code, funds.school_code)
),

-- One stage that failed makes a weak school; a stage that was not judged makes none.
weak as (
    select
        verdicts.district_code,
        verdicts.school_year,
        verdicts.school_code,
        case
            when bool_or(verdicts.verdict = 'not_met') then true
            when bool_and(verdicts.verdict = 'met') then false
        end as is_weak
    from verdicts
    inner join parameters on verdicts.standard_code = parameters.weak_standard
    group by verdicts.district_code, verdicts.school_year, verdicts.school_code
),

listed as (
    select
        district_code,
        fiscal_year,
        school_code
    from pupils
    union
    select
        district_code,
        fiscal_year,
        school_code
    from money
),

described as (
    select
        funded_years.region_code,
        listed.district_code,
        listed.fiscal_year,
        funded_years.school_year,
        listed.school_code,
        schools.school_name,
        schools.school_type_code,
        schools.sector,
        schools.area_group,
        schools.urban_rural_group,
        pupils.stages,
        pupils.students,
        pupils.boarding_students,
        pupils.standard_funds,
        money.school_code is not null as is_reported,
        money.public_funds_budget_yuan,
        money.public_funds_account_yuan,
        money.training_budget_yuan,
        money.training_account_yuan,
        money.special_funds_yuan,
        money.allocated_students,
        parameters.small_students,
        parameters.training_min_pct,
        weak.is_weak,
        coalesce(schools.is_special, false) as is_special,
        pupils.school_code is not null and schools.sector <> parameters.excluded_sector as is_expected,
        schools.area_group = any(string_to_array(parameters.area_groups, ',')) as is_township,
        pupils.boarding_students * 100 >= parameters.boarding_min_pct * nullif(pupils.students, 0)
            as is_boarding,
        not schools.is_special and nullif(pupils.students, 0) < parameters.small_students as is_small
    from listed
    inner join funded_years
        on
            listed.district_code = funded_years.district_code
            and listed.fiscal_year = funded_years.fiscal_year
    cross join parameters
    left join pupils
        on
            listed.district_code = pupils.district_code
            and listed.fiscal_year = pupils.fiscal_year
            and listed.school_code = pupils.school_code
    left join money
        on
            listed.district_code = money.district_code
            and listed.fiscal_year = money.fiscal_year
            and listed.school_code = money.school_code
    left join schools
        on
            listed.district_code = schools.district_code
            and funded_years.school_year = schools.school_year
            and listed.school_code = schools.school_code
    left join weak
        on
            listed.district_code = weak.district_code
            and funded_years.school_year - 1 = weak.school_year
            and listed.school_code = weak.school_code
),

-- The least that a small school must be given: as if it had as many pupils as make a school no longer small.
required as (
    select
        *,
        case
            when is_small
                then {{ divide('standard_funds * small_students', 'students') }}
        end as small_school_funds_required
    from described
),

judged as (
    select
        *,
        -- Whole yuan, as the national form prints it.
        case
            when is_small then public_funds_budget_yuan >= trunc(small_school_funds_required)
        end as is_funded_as_full,
        training_budget_yuan * 100 >= training_min_pct * nullif(public_funds_budget_yuan, 0)
            as is_training_budget_met,
        training_account_yuan * 100 >= training_min_pct * nullif(public_funds_account_yuan, 0)
            as is_training_account_met
    from required
)

select
    region_code,
    district_code,
    fiscal_year,
    school_year,
    school_code,
    school_name,
    school_type_code,
    sector,
    area_group,
    urban_rural_group,
    stages,
    students,
    boarding_students,
    allocated_students,
    public_funds_budget_yuan,
    public_funds_account_yuan,
    training_budget_yuan,
    training_account_yuan,
    special_funds_yuan,
    small_school_funds_required,
    training_min_pct,
    is_expected,
    is_reported,
    is_township,
    is_weak,
    is_special,
    is_boarding,
    is_small,
    -- A school is in a group only where its figures say so.
    (
        coalesce(is_township, false) or coalesce(is_weak, false) or is_special
        or coalesce(is_boarding, false) or coalesce(is_small, false)
    ) as is_favoured,
    is_funded_as_full,
    is_training_budget_met,
    is_training_account_met,
    -- One of the two that fails decides; both must be known to pass.
    is_training_budget_met and is_training_account_met as is_training_met,
    case
        when not is_reported then 'school_funds_row_missing'
        when stages is null then 'not_in_register'
        when students is null then 'students_missing'
        when students = 0 then 'no_students'
    end as reason_code,
    case
        when is_funded_as_full is not null then null
        when not is_reported then 'school_funds_row_missing'
        when students is null then 'students_missing'
        when is_small is not true then 'not_small'
        when public_funds_budget_yuan is null then 'value_missing'
        else 'standard_missing'
    end as small_reason_code,
    case
        when (is_training_budget_met and is_training_account_met) is not null then null
        when not is_reported then 'school_funds_row_missing'
        when 0 in (public_funds_budget_yuan, public_funds_account_yuan) then 'denominator_zero'
        else 'value_missing'
    end as training_reason_code
from judged
