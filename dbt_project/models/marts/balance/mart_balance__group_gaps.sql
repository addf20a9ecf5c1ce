with group_gaps as (
    select * from {{ ref('int_group_gaps') }}
),

changes as (
    select * from {{ ref('int_group_gap_changes') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

dimensions as (
    select * from {{ ref('group_dimension') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

described as (
    select
        group_gaps.*,
        changes.previous_between_coefficient,
        changes.between_coefficient_change,
        changes.is_shrunk,
        changes.reason_code as change_reason_code,
        changes.same_schools,
        changes.same_between_coefficient,
        changes.same_previous_between_coefficient,
        changes.same_between_coefficient_change,
        changes.is_shrunk_same_schools,
        changes.same_schools_reason_code,
        indicators.standard_zh,
        indicators.standard_en,
        indicators.stage_zh,
        indicators.stage_en,
        indicators.indicator_number,
        indicators.indicator_zh,
        indicators.indicator_en,
        indicators.unit_zh,
        indicators.unit_en,
        indicators.decimals,
        indicators.coefficient_decimals,
        districts.region_code,
        districts.district_name,
        dimensions.name_zh as dimension_zh,
        dimensions.name_en as dimension_en,
        dimensions.first_group is not null
        and group_gaps.smallest_pair_schools >= indicators.min_group_schools as is_pair_shown,
        group_gaps.smallest_group_schools >= indicators.min_group_schools as is_range_shown,
        case
            when group_gaps.schools_reported = 0 then 'no_school_reported'
            when
                dimensions.first_group is not null
                and (group_gaps.first_mean is null or group_gaps.second_mean is null)
                then 'group_absent'
            when group_gaps.stated_group_count_reported < 2 then 'group_absent'
            when group_gaps.smallest_group_schools < indicators.min_group_schools then 'group_too_small'
            when group_gaps.range_ratio is null or group_gaps.mean = 0 then 'mean_zero'
            when group_gaps.schools_reported < group_gaps.schools_in_scope then 'schools_missing'
        end as reason_code
    from group_gaps
    inner join changes
        on
            group_gaps.standard_code = changes.standard_code
            and group_gaps.district_code = changes.district_code
            and group_gaps.school_year = changes.school_year
            and group_gaps.stage = changes.stage
            and group_gaps.indicator_code = changes.indicator_code
            and group_gaps.dimension_code = changes.dimension_code
    inner join indicators
        on
            group_gaps.standard_code = indicators.standard_code
            and group_gaps.stage = indicators.stage
            and group_gaps.indicator_code = indicators.indicator_code
    inner join districts on group_gaps.district_code = districts.district_code
    inner join dimensions on group_gaps.dimension_code = dimensions.dimension_code
)

select
    described.standard_code,
    described.standard_zh,
    described.standard_en,
    described.region_code,
    described.district_code,
    described.district_name,
    described.school_year,
    described.stage,
    described.stage_zh,
    described.stage_en,
    described.indicator_code,
    described.indicator_number,
    described.indicator_zh,
    described.indicator_en,
    described.unit_zh,
    described.unit_en,
    described.dimension_code,
    described.dimension_zh,
    described.dimension_en,
    described.group_count,
    described.schools_in_scope,
    described.schools_reported,
    described.students,
    described.first_schools,
    described.second_schools,
    described.first_students,
    described.second_students,
    round(described.mean, 16) as mean,
    round(described.mean, described.decimals) as mean_rounded,
    case when described.is_pair_shown then round(described.first_mean, 16) end as first_mean,
    case when described.is_pair_shown then round(described.second_mean, 16) end as second_mean,
    case when described.is_pair_shown then round(described.ratio, 16) end as ratio,
    case
        when described.is_pair_shown then round(described.ratio, described.coefficient_decimals)
    end as ratio_rounded,
    case when described.is_range_shown then round(described.range_ratio, 16) end as range_ratio,
    case
        when described.is_range_shown then round(described.range_ratio, described.coefficient_decimals)
    end as range_ratio_rounded,
    round(described.between_coefficient, 16) as between_coefficient,
    round(described.between_coefficient, described.coefficient_decimals) as between_coefficient_rounded,
    round(described.between_squared, 16) as between_squared,
    round(described.within_squared, 16) as within_squared,
    round(described.between_squared + described.within_squared, 16) as coefficient_squared,
    round(described.within_share, 16) as within_share,
    round(described.theil_between, 16) as theil_between,
    round(described.theil_within, 16) as theil_within,
    round(described.theil_between + described.theil_within, 16) as theil,
    round({{ divide('described.theil_within', '(described.theil_between + described.theil_within)') }}, 16)
        as theil_within_share,
    described.reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en,
    described.previous_between_coefficient,
    described.between_coefficient_change,
    described.is_shrunk,
    described.change_reason_code,
    change_reasons.name_zh as change_reason_zh,
    change_reasons.name_en as change_reason_en,
    described.same_schools,
    described.same_between_coefficient,
    described.same_previous_between_coefficient,
    described.same_between_coefficient_change,
    described.is_shrunk_same_schools,
    described.same_schools_reason_code,
    same_schools_reasons.name_zh as same_schools_reason_zh,
    same_schools_reasons.name_en as same_schools_reason_en
from described
left join reasons on described.reason_code = reasons.reason_code
left join reasons as change_reasons on described.change_reason_code = change_reasons.reason_code
left join reasons as same_schools_reasons
    on described.same_schools_reason_code = same_schools_reasons.reason_code
