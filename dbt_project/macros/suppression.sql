{% macro is_small(count, threshold) -%}
    {#- A count of persons that may not be shown. Zero may: it is nobody. -#}
    ({{ count }} between 1 and {{ threshold }} - 1)
{%- endmacro %}
