-- A clause of which nothing is judged would vanish from the board; a judgement must have what it needs.
with clauses as (
    select * from {{ ref('plan_clause') }}
),

components as (
    select * from {{ ref('clause_component') }}
),

judgements as (
    select * from {{ ref('judgement') }}
)

select
    clauses.plan_code,
    clauses.clause_code
from clauses
left join components
    on
        clauses.plan_code = components.plan_code
        and clauses.clause_code = components.clause_code
        and components.is_judged
left join judgements on components.judgement = judgements.judgement
where
    components.clause_code is null
    or judgements.judgement is null
    or judgements.needs_target <> (components.target is not null)
    or (components.followed_plan is null) <> (components.numerator_measure is not null)
