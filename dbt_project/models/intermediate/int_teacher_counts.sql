with persons as (
    select * from {{ ref('int_teacher_persons') }}
)

select
    district_code,
    school_year,
    counted_school_code as school_code,
    stage,
    count(*) as teachers,
    count(*) filter (where is_full_time) as full_time_teachers,
    {{ count_if_known('has_licence', 'is_full_time') }} as licensed_teachers,
    count(*) filter (where is_backbone) as backbone_teachers,
    count(*) filter (where employment = 'establishment') as establishment_teachers,
    count(*) filter (where employment = 'temporary') as temporary_teachers,
    {{ count_if_known('is_eligible', 'is_full_time') }} as eligible_teachers,
    count(*) filter (where is_rotated) as rotated_teachers,
    count(*) filter (where is_rotated_to_rural) as rotated_to_rural,
    count(*) filter (where is_rotated and is_backbone) as rotated_backbone,
    {{ count_if_known('has_ethics_credit') }} as teachers_with_ethics_credit,
    {{ count_if_known('is_vetoed_and_promoted') }} as vetoed_teachers_promoted,
    {{ count_if_known('has_social_insurance') }} as insured_teachers,
    {{ count_if_known('is_psychology_teacher') }} as psychology_teachers,
    {{ count_if_known('is_special_education_teacher') }} as special_education_teachers,
    {{ count_if_known(
        'is_trained_in_special_education', 'is_special_education_teacher'
    ) }} as special_education_teachers_trained,
    count(*) filter (where is_full_time and is_trained is not null) as teachers_in_training_cycle,
    count(*) filter (where is_full_time and is_trained) as teachers_trained
from persons
group by district_code, school_year, counted_school_code, stage
