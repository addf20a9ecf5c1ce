with rosters as (
    select * from {{ ref('int_class_rosters') }}
),

-- Schools that told nothing add nothing: cases_reported says how many stand behind a sum.
districts as (
    select
        district_code,
        school_year,
        coalesce(stage, 'compulsory') as stage,
        sum(classes) as classes,
        sum(classes_over_standard) as classes_over_standard,
        {{ sum_of_those_told('classes_56_and_over', 'classes_over_standard') }} as classes_56_and_over,
        {{ sum_of_those_told('classes_66_and_over', 'classes_over_standard') }} as classes_66_and_over,
        {{ sum_of_those_told('entry_classes_over_standard', 'classes_over_standard') }}
            as entry_classes_over_standard,
        {{ sum_of_those_told('large_classes_in_ledger', 'classes_over_standard') }}
            as large_classes_in_ledger,
        {{ sum_of_those_told(
            'classes_over_standard - large_classes_in_ledger', 'classes_over_standard'
        ) }} as large_classes_without_ledger,
        {{ sum_of_those_told('large_classes_planned_after_deadline', 'classes_over_standard') }}
            as large_classes_planned_after_deadline,
        count(*) filter (where is_in_scope and is_reported) as cases_reported,
        count(*) filter (where is_in_scope) as cases_expected
    from rosters
    group by grouping sets (
        (district_code, school_year, stage),
        (district_code, school_year)
    )
),

-- What one school adds is not made good by what another ends. It has more when what it told of is more.
schools as (
    select
        district_code,
        school_year,
        coalesce(stage, 'compulsory') as stage,
        school_code,
        sum(classes_over_standard) as classes_over_standard_told,
        {{ sum_if_complete('classes_over_standard') }} as classes_over_standard
    from rosters
    group by grouping sets (
        (district_code, school_year, school_code, stage),
        (district_code, school_year, school_code)
    )
),

schools_compared as (
    select
        schools.district_code,
        schools.school_year,
        schools.stage,
        count(*) filter (
            where schools.classes_over_standard_told
            > case when earlier.school_code is null then 0 else earlier.classes_over_standard end
        ) as schools_with_more_large_classes
    from schools
    left join schools as earlier
        on
            schools.district_code = earlier.district_code
            and schools.school_year = earlier.school_year + 1
            and schools.stage = earlier.stage
            and schools.school_code = earlier.school_code
    group by schools.district_code, schools.school_year, schools.stage
),

-- Against a year that is not whole nothing has changed or not changed: it is not known.
compared as (
    select
        districts.*,
        case
            when earlier.cases_reported = earlier.cases_expected and earlier.cases_expected > 0
                then districts.classes_over_standard - earlier.classes_over_standard
        end as classes_over_standard_change,
        case
            when earlier.cases_reported = earlier.cases_expected and earlier.cases_expected > 0
                then schools_compared.schools_with_more_large_classes
        end as schools_with_more_large_classes,
        case
            when earlier.district_code is null then 'previous_year_missing'
            when earlier.cases_reported < earlier.cases_expected or earlier.cases_expected = 0
                then 'previous_year_incomplete'
        end as change_reason_code,
        case when districts.classes_56_and_over is null then 'class_bands_incomplete' end
            as bands_56_reason_code,
        case when districts.classes_66_and_over is null then 'class_bands_incomplete' end
            as bands_66_reason_code,
        case when districts.entry_classes_over_standard is null then 'class_grade_unknown' end
            as grade_reason_code,
        case when districts.large_classes_in_ledger is null then 'class_ledger_unknown' end
            as ledger_reason_code
    from districts
    inner join schools_compared
        on
            districts.district_code = schools_compared.district_code
            and districts.school_year = schools_compared.school_year
            and districts.stage = schools_compared.stage
    left join districts as earlier
        on
            districts.district_code = earlier.district_code
            and districts.school_year = earlier.school_year + 1
            and districts.stage = earlier.stage
),

measures as (
    select
        compared.district_code,
        compared.school_year,
        compared.stage,
        compared.cases_reported,
        compared.cases_expected,
        listed.measure_code,
        listed.value,
        case
            when compared.cases_expected = 0 then 'scope_unknown'
            when compared.cases_reported = 0 then 'no_school_reported'
            else listed.reason_code
        end as reason_code
    from compared
    cross join lateral (
        values
        ('classes', compared.classes, null),
        ('classes_over_standard', compared.classes_over_standard, null),
        ('classes_56_and_over', compared.classes_56_and_over, compared.bands_56_reason_code),
        ('classes_66_and_over', compared.classes_66_and_over, compared.bands_66_reason_code),
        (
            'classes_over_standard_change',
            compared.classes_over_standard_change,
            compared.change_reason_code
        ),
        (
            'schools_with_more_large_classes',
            compared.schools_with_more_large_classes,
            compared.change_reason_code
        ),
        ('entry_classes_over_standard', compared.entry_classes_over_standard, compared.grade_reason_code),
        ('large_classes_in_ledger', compared.large_classes_in_ledger, compared.ledger_reason_code),
        (
            'large_classes_without_ledger',
            compared.large_classes_without_ledger,
            compared.ledger_reason_code
        ),
        (
            'large_classes_planned_after_deadline',
            compared.large_classes_planned_after_deadline,
            compared.ledger_reason_code
        )
    ) as listed (measure_code, value, reason_code)
)

select
    district_code,
    school_year as year,
    stage,
    'none' as standard_code,
    measure_code,
    case when reason_code is null then value end as value,
    cases_reported,
    cases_expected,
    reason_code
from measures
