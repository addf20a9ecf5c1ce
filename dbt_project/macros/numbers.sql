{% macro sum_if_complete(column) -%}
    {#- A sum with a missing part is missing: SQL's sum() would take the part as zero. -#}
    case when count(*) = count({{ column }}) then sum({{ column }}) end
{%- endmacro %}


{% macro divide(numerator, denominator) -%}
    {#- Numeric division keeps some 16 digits unless the numerator carries more: here 40 decimals. -#}
    round({{ numerator }}, 40) / nullif({{ denominator }}, 0)
{%- endmacro %}


{% macro coefficient(spread, denominator_total, numerator_total) -%}
    {#-
    The student-weighted, population coefficient S / mean, from
    spread = sum((n * D - d * N)^2 / d) with n, d of a school and N, D of the whole:
    every subtraction happens before the first division, so equal schools give exactly 0.
    -#}
    sqrt({{ divide(spread, denominator_total ~ ' * ' ~ numerator_total ~ ' * ' ~ numerator_total) }})
{%- endmacro %}
