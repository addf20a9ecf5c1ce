-- Families of measures: each is a model of these columns, and a line here.
{%- set families = [
    'balance',
    'classes',
    'finance',
    'government',
    'groups',
    'places',
    'projects',
    'special_education',
    'teachers',
] %}

{% for family in families -%}
    select
        district_code,
        year,
        stage,
        standard_code,
        measure_code,
        value,
        cases_reported,
        cases_expected,
        reason_code
    from {{ ref('int_policy_measures_' ~ family) }}
    {{ "union all" if not loop.last }}
{% endfor %}
