{% macro is_measure(code, listed) -%}
    {#- Whether policy_measure lists this measure: by its code, or a measure family/member by its family/. -#}
    {{ listed }} = case
        when {{ code }} like '%/%' then split_part({{ code }}, '/', 1) || '/'
        else {{ code }}
    end
{%- endmacro %}
