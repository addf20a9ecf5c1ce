with floors as (
    select * from {{ ref('int_spending_floor') }}
    where belief_axis = 'now' and amount is null
),

series as (
    select * from {{ ref('int_spending_series') }}
),

legs as (
    select * from {{ ref('finance_leg') }}
),

beliefs as (
    select * from {{ ref('int_finance_beliefs') }}
    where belief_axis = 'now' and leg = 'total'
),

executions as (
    select * from {{ ref('stg_budget_execution') }}
),

students as (
    select * from {{ ref('int_finance_average_students') }}
),

bases as (
    select code as basis from {{ ref('code_finance_basis') }}
    where code in ('total', 'per_student')
),

vintage_levels as (
    select * from {{ ref('int_spending_vintage_levels') }}
    where belief_axis = 'now' and level_origin = 'printed'
),

parameters as (
    select
        max(value) filter (where parameter = 'judged_on') as judged_on,
        max(value) filter (where parameter = 'student_count_method') as student_count_method,
        max(value) filter (where parameter = 'pace_margin_points')::numeric as pace_margin_points
    from {{ ref('finance_parameter') }}
),

-- Once an account closed a year, neither it nor a year before it is under way.
closed as (
    select
        district_code,
        series_key,
        max(fiscal_year) as fiscal_year
    from beliefs
    where not is_budget and amount is not null
    group by district_code, series_key
),

last_told as (
    select
        district_code,
        series_key,
        price_basis,
        currency_code,
        max(fiscal_year) as last_told_year
    from vintage_levels
    group by district_code, series_key, price_basis, currency_code
),

budgets as (
    select
        beliefs.*,
        row_number() over (
            partition by
                beliefs.district_code, beliefs.series_key, beliefs.fiscal_year, beliefs.currency_code
            order by
                beliefs.edition desc, (beliefs.amount_origin = 'printed') desc, beliefs.price_basis desc
        ) as preference
    from beliefs
    where beliefs.is_budget and beliefs.amount is not null
),

latest_execution as (
    select
        executions.*,
        row_number() over (
            partition by
                executions.region_code,
                executions.district_code,
                executions.entity_code,
                executions.item_code,
                executions.stage,
                executions.scope_code,
                executions.currency_code,
                executions.fiscal_year
            order by executions.through_date desc
        ) as preference
    from executions
),

total_series as (
    select * from series
    where leg = 'total'
),

-- A report that names no source of funds speaks of one series alone.
reported as (
    select
        total_series.district_code,
        total_series.series_key,
        latest_execution.fiscal_year,
        latest_execution.currency_code,
        latest_execution.budget_amount,
        latest_execution.executed_amount,
        latest_execution.through_date,
        latest_execution.batch_id
    from latest_execution
    inner join total_series
        on
            latest_execution.region_code = total_series.region_code
            and latest_execution.district_code = total_series.district_code
            and latest_execution.entity_code = total_series.entity_code
            and latest_execution.item_code = total_series.item_code
            and latest_execution.stage = total_series.stage
            and latest_execution.scope_code = total_series.scope_code
            and total_series.is_headline_fund_source
    where latest_execution.preference = 1
),

open_years as (
    select
        district_code,
        series_key,
        fiscal_year,
        currency_code
    from budgets
    where preference = 1
    union
    select
        district_code,
        series_key,
        fiscal_year,
        currency_code
    from reported
),

-- The adjusted budget of the execution report is the later word.
money as (
    select
        total_series.region_code,
        total_series.district_code,
        total_series.series_key,
        total_series.entity_level,
        total_series.entity_code,
        total_series.entity_name,
        total_series.item_code,
        total_series.stage,
        total_series.scope_code,
        total_series.fund_source_code,
        open_years.fiscal_year,
        open_years.currency_code,
        coalesce(reported.budget_amount, budgets.amount) as budget_amount,
        reported.executed_amount,
        reported.through_date,
        reported.batch_id as execution_batch_id,
        case when reported.budget_amount is null then budgets.batch_id else reported.batch_id end
            as budget_batch_id
    from open_years
    inner join total_series
        on
            open_years.district_code = total_series.district_code
            and open_years.series_key = total_series.series_key
    left join closed
        on
            open_years.district_code = closed.district_code
            and open_years.series_key = closed.series_key
            and open_years.fiscal_year <= closed.fiscal_year
    left join budgets
        on
            open_years.district_code = budgets.district_code
            and open_years.series_key = budgets.series_key
            and open_years.fiscal_year = budgets.fiscal_year
            and open_years.currency_code = budgets.currency_code
            and budgets.preference = 1
    left join reported
        on
            open_years.district_code = reported.district_code
            and open_years.series_key = reported.series_key
            and open_years.fiscal_year = reported.fiscal_year
            and open_years.currency_code = reported.currency_code
    where closed.series_key is null
),

-- The floor of the judged reading, of the leg that is told up to the latest year, published before computed.
judged_floors as (
    select
        series.*,
        floors.fiscal_year,
        floors.vintage,
        floors.currency_code,
        floors.floor_amount,
        floors.floor_set_year,
        legs.student_count_method,
        row_number() over (
            partition by
                series.region_code, series.district_code, series.entity_code, series.item_code, series.stage,
                series.scope_code, series.fund_source_code, series.basis, floors.currency_code,
                floors.fiscal_year
            order by
                (floors.floor_amount is null) asc,
                last_told.last_told_year desc nulls last,
                (legs.student_count_method = 'as_published') is true desc,
                floors.price_basis asc
        ) as preference
    from floors
    inner join series
        on floors.district_code = series.district_code and floors.series_key = series.series_key
    inner join legs on series.leg = legs.leg
    inner join last_told
        on
            floors.district_code = last_told.district_code
            and floors.series_key = last_told.series_key
            and floors.price_basis = last_told.price_basis
            and floors.currency_code = last_told.currency_code
    cross join parameters
    where
        floors.reading = parameters.judged_on
        -- A budget is in the money of its year.
        and floors.price_basis <> 'constant'
        and series.basis in ('total', 'per_student')
        and (
            legs.student_count_method is null
            or legs.student_count_method in ('as_published', parameters.student_count_method)
        )
),

-- This school year's pupils where they are counted already, or else those of the school year that ends in it.
counted as (
    select
        region_code,
        district_code,
        fiscal_year,
        stage,
        coalesce(this_school_year_students, last_school_year_students) as students,
        case
            when this_school_year_students is not null then fiscal_year
            when last_school_year_students is not null then fiscal_year - 1
        end as students_school_year
    from students
),

required as (
    select
        money.*,
        bases.basis,
        judged_floors.leg,
        judged_floors.vintage as floor_vintage,
        judged_floors.floor_set_year,
        judged_floors.floor_amount,
        counted.students,
        counted.students_school_year,
        case bases.basis
            when 'total' then judged_floors.floor_amount
            else judged_floors.floor_amount * counted.students
        end as required_amount,
        (money.through_date - make_date(money.fiscal_year, 1, 1) + 1) * 100::numeric
        / (make_date(money.fiscal_year, 12, 31) - make_date(money.fiscal_year, 1, 1) + 1) as elapsed_pct
    from money
    cross join bases
    left join judged_floors
        on
            money.region_code = judged_floors.region_code
            and money.district_code = judged_floors.district_code
            and money.entity_code = judged_floors.entity_code
            and money.item_code = judged_floors.item_code
            and money.stage = judged_floors.stage
            and money.scope_code = judged_floors.scope_code
            and money.fund_source_code = judged_floors.fund_source_code
            and money.fiscal_year = judged_floors.fiscal_year
            and money.currency_code = judged_floors.currency_code
            and bases.basis = judged_floors.basis
            and judged_floors.preference = 1
    left join counted
        on
            money.region_code = counted.region_code
            and money.district_code = counted.district_code
            and money.stage = counted.stage
            and money.fiscal_year = counted.fiscal_year
            -- Pupils are counted by district.
            and money.entity_level = 'district'
)

select
    required.region_code,
    required.district_code,
    required.series_key,
    required.entity_level,
    required.entity_code,
    required.entity_name,
    required.item_code,
    required.stage,
    required.scope_code,
    required.fund_source_code,
    required.fiscal_year,
    required.basis,
    required.leg,
    required.currency_code,
    required.floor_vintage,
    required.floor_set_year,
    required.floor_amount,
    required.students,
    required.students_school_year,
    required.required_amount,
    required.budget_amount,
    required.executed_amount,
    required.through_date,
    required.elapsed_pct,
    {{ divide('required.executed_amount * 100', 'required.required_amount') }} as executed_pct,
    case
        when num_nulls(required.required_amount, required.budget_amount) = 0
            then greatest(required.required_amount - required.budget_amount, 0)
    end as budget_shortfall_amount,
    case
        when num_nulls(required.required_amount, required.executed_amount) = 0
            then greatest(required.required_amount - required.executed_amount, 0)
    end as missing_amount,
    case
        when required.floor_amount is null then 'no_floor'
        when required.required_amount is null then 'no_students'
        when required.budget_amount is null then 'no_budget'
        when required.budget_amount < required.required_amount then 'budget_below_floor'
        when required.executed_amount is null then 'not_reported'
        when
            required.executed_amount * 100
            < required.required_amount * (required.elapsed_pct - parameters.pace_margin_points)
            then 'spent_behind_pace'
        else 'on_track'
    end as warning,
    required.budget_batch_id,
    required.execution_batch_id
from required
cross join parameters
