with group_means as (
    select * from {{ ref('int_group_means') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

districts as (
    select * from {{ ref('dim_district') }}
),

schools as (
    select * from {{ ref('dim_school') }}
),

dimensions as (
    select * from {{ ref('group_dimension') }}
),

fixed_groups as (
    select * from {{ ref('school_group') }}
),

reasons as (
    select * from {{ ref('reason') }}
),

clusters as (
    select * from {{ ref('stg_school_cluster') }}
),

-- Towns are named by the register, clusters by their list, the other groups by the seed.
town_groups as (
    select
        district_code,
        school_year,
        town_code,
        max(town_name) as town_name
    from schools
    where town_code is not null
    group by
        district_code,
        school_year,
        town_code
),

cluster_groups as (
    select
        clusters.district_code,
        clusters.school_year,
        dimensions.dimension_code,
        clusters.cluster_code,
        max(clusters.cluster_name) as cluster_name
    from clusters
    inner join dimensions on clusters.cluster_kind = dimensions.cluster_kind
    group by
        clusters.district_code,
        clusters.school_year,
        dimensions.dimension_code,
        clusters.cluster_code
),

described as (
    select
        group_means.*,
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
        coalesce(
            fixed_groups.name_zh, town_groups.town_name, cluster_groups.cluster_name, group_means.group_code
        ) as group_zh,
        coalesce(
            fixed_groups.name_en, town_groups.town_name, cluster_groups.cluster_name, group_means.group_code
        ) as group_en,
        case
            when group_means.schools_reported = 0 then 'no_school_reported'
            when group_means.schools_reported < indicators.min_group_schools then 'group_too_small'
        end as suppression_code,
        case
            when group_means.schools_reported < group_means.schools_in_scope then 'schools_missing'
        end as gap_code
    from group_means
    inner join indicators
        on
            group_means.standard_code = indicators.standard_code
            and group_means.stage = indicators.stage
            and group_means.indicator_code = indicators.indicator_code
    inner join districts on group_means.district_code = districts.district_code
    inner join dimensions on group_means.dimension_code = dimensions.dimension_code
    left join fixed_groups
        on
            group_means.dimension_code = fixed_groups.dimension_code
            and group_means.group_code = fixed_groups.group_code
    left join town_groups
        on
            group_means.dimension_code = 'town'
            and group_means.district_code = town_groups.district_code
            and group_means.school_year = town_groups.school_year
            and group_means.group_code = town_groups.town_code
    left join cluster_groups
        on
            group_means.district_code = cluster_groups.district_code
            and group_means.school_year = cluster_groups.school_year
            and group_means.dimension_code = cluster_groups.dimension_code
            and group_means.group_code = cluster_groups.cluster_code
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
    described.group_code,
    described.group_zh,
    described.group_en,
    described.schools_in_scope,
    described.schools_reported,
    described.students,
    case when described.suppression_code is null then round(described.mean, 16) end as mean,
    case
        when described.suppression_code is null then round(described.mean, described.decimals)
    end as mean_rounded,
    case when described.suppression_code is null then round(described.coefficient, 16) end as coefficient,
    case
        when described.suppression_code is null
            then round(described.coefficient, described.coefficient_decimals)
    end as coefficient_rounded,
    case when described.suppression_code is null then round(described.theil, 16) end as theil,
    case when described.suppression_code is null then round(described.gini, 16) end as gini,
    case when described.suppression_code is null then round(described.mcloone, 16) end as mcloone,
    coalesce(described.suppression_code, described.gap_code) as reason_code,
    reasons.name_zh as reason_zh,
    reasons.name_en as reason_en
from described
left join reasons on coalesce(described.suppression_code, described.gap_code) = reasons.reason_code
