{% macro sum_if_complete(column) -%}
    {#- A sum with a missing part is missing: SQL's sum() would take the part as zero. -#}
    case when count(*) = count({{ column }}) then sum({{ column }}) end
{%- endmacro %}


{% macro sum_of_those_told(column, told) -%}
    {#- The sum over the rows that told `told`; missing when one of them lacks the column. -#}
    case
        when count(*) filter (where {{ told }} is not null and ({{ column }}) is null) = 0
            then sum({{ column }}) filter (where {{ told }} is not null)
    end
{%- endmacro %}


{% macro divide(numerator, denominator, decimals=40) -%}
    {#- A quotient to 40 decimals: numeric division keeps some 16 digits unless the numerator has more. -#}
    round(round({{ numerator }}, {{ decimals }}) / nullif({{ denominator }}, 0), {{ decimals }})
{%- endmacro %}


{% macro coefficient(spread, denominator_total, numerator_total) -%}
    {#-
    The weighted, population coefficient S / mean, from spread = sum((n * D - d * N)^2 / d) with n, d of a
    school and N, D of the whole.
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


{% macro spread(numerator, denominator) -%}
    {#-
    sum((n * D - d * N)^2 / d) with n, d of a school and N, D of the whole, from which the coefficient follows;
    in one pass, as D * (D * sum(n^2 / d) - N^2). Only the quotients are rounded, and to 80 decimals: k schools
    make an error below k * D^2 / 10^80, which 40 decimals cannot show while k * D^2 is below 10^40. So nothing
    cancels, equal schools give exactly 0, and the order of the rows does not matter.
    -#}
    round(
        sum({{ denominator }}) * (
            sum({{ denominator }}) * sum({{ divide(numerator ~ ' * ' ~ numerator, denominator, 80) }})
            - sum({{ numerator }}) * sum({{ numerator }})
        ),
        40
    )
{%- endmacro %}


{% macro three_digits(numerator, denominator) -%}
    {#- The first three digits of a quotient above 0, otherwise NULL: many share this number near theirs. -#}
    case
        when {{ numerator }} > 0
            then round(
                {{ numerator }} / nullif({{ denominator }}, 0),
                2 - floor(log(cast({{ numerator }} / nullif({{ denominator }}, 0) as double precision)))::integer
            )
    end
{%- endmacro %}


{% macro logarithms_near(relation) -%}
    {#- The logarithm of each number ``near``: for a CTE that is materialized, or every row takes it. -#}
    select
        near,
        ln(round(near, 40)) as ln_near
    from (select distinct near from {{ relation }} where near is not null) as numbers
{%- endmacro %}


{% macro logarithm(relation, numerator, denominator) -%}
    {#-
    The logarithm of a quotient to 40 decimals, from that of the number ``near`` it (``ln_near``, joined): what is
    left is so close to 1 that its logarithm costs a quarter.
    -#}
    {%- set part = relation ~ '.' %}
    ln_near + ln({{ divide(part ~ numerator, part ~ denominator ~ ' * ' ~ part ~ 'near') }})
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
