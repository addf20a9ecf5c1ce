{% macro count_if_known(flag, among='true') -%}
    {#- Persons of whom the flag is true; NULL as soon as it is not known of one of them. -#}
    case
        when count(*) filter (where {{ among }}) = count({{ flag }}) filter (where {{ among }})
            then count(*) filter (where {{ among }} and {{ flag }})
    end
{%- endmacro %}


{% macro sum_of_reported(column, reported='is_reported') -%}
    {#- A sum over the schools that reported; NULL when none did or when one of them lacks the figure. -#}
    case
        when count({{ column }}) > 0 and count({{ column }}) = count(*) filter (where {{ reported }})
            then sum({{ column }})
    end
{%- endmacro %}


{% macro teacher_parameter(name, type='text') -%}
    {#- One parameter out of the seed, in a select that reads nothing else from it. -#}
    max(value) filter (where parameter = '{{ name }}')::{{ type }}
{%- endmacro %}
