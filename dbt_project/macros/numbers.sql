{% macro sum_if_complete(column) -%}
    {#- A sum with a missing part is missing: SQL's sum() would take the part as zero. -#}
    case when count(*) = count({{ column }}) then sum({{ column }}) end
{%- endmacro %}


{% macro divide(numerator, denominator) -%}
    {#- A quotient to 40 decimals: numeric division keeps some 16 digits unless the numerator has more. -#}
    round(round({{ numerator }}, 40) / nullif({{ denominator }}, 0), 40)
{%- endmacro %}


{% macro coefficient(spread, denominator_total, numerator_total) -%}
    {#-
    The weighted, population coefficient S / mean, from spread = sum((n * D - d * N)^2 / d) with n, d of a
    school and N, D of the whole: every subtraction comes before the first division, so nothing cancels
    and equal schools give exactly 0.
    -#}
    round(sqrt({{ divide(spread, denominator_total ~ ' * ' ~ numerator_total ~ ' * ' ~ numerator_total) }}), 40)
{%- endmacro %}


{% macro round_up(column, decimals) -%}
    {#- Up to so many decimals. The last digits of a quotient of 40 are not a missing unit. -#}
    ceil(round({{ column }}, 30) * power(10::numeric, {{ decimals }})) / power(10::numeric, {{ decimals }})
{%- endmacro %}


{% macro reaches(value, direction, limit) -%}
    {#- Whether an exact figure, as far as it is stored, reaches its limit, inclusive; NULL without one. -#}
    case {{ direction }}
        when 'at_least' then round({{ value }}, 16) >= {{ limit }}
        when 'at_most' then round({{ value }}, 16) <= {{ limit }}
    end
{%- endmacro %}


{% macro deviation(numerator, denominator, whole) -%}
    {#- n * D - d * N of a row against the whole, a named window: exact, and 0 for equal schools. -#}
    {{ numerator }} * sum({{ denominator }}) over {{ whole }}
    - {{ denominator }} * sum({{ numerator }}) over {{ whole }}
{%- endmacro %}


{% macro spread(deviation, denominator) -%}
    {#- sum((n * D - d * N)^2 / d), from which the coefficient follows. -#}
    sum({{ divide(deviation ~ ' * ' ~ deviation, denominator) }})
{%- endmacro %}


{% macro coefficient_reason() -%}
    {#- Why there is no coefficient, or why it is not that of all schools; NULL when nothing is to say. -#}
    case
        when schools_reported = 0 then 'no_school_reported'
        when schools_reported < schools_in_scope then 'schools_missing'
        when schools_reported = 1 then 'one_school'
        when numerator_total = 0 then 'mean_zero'
    end
{%- endmacro %}


{% macro plain_number(value) -%}
    {#- A figure in a sentence: at most four decimals, no zeros at its end; NULL stays NULL. -#}
    trim(to_char(round({{ value }}, 4), 'FM999999999999990.9999'), '.')
{%- endmacro %}
