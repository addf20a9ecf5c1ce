{% macro equal_columns(left, right, columns) -%}
    {#- A join on the same columns of two sides. -#}
    {%- for column in columns -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro columns_of(relation, columns) -%}
    {#- The same columns of one side, in a list. -#}
    {%- for column in columns -%}
        {{ relation }}.{{ column }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro columns_as(relation, columns, prefix) -%}
    {#- The same columns of one side, as <prefix><column>. -#}
    {%- for column in columns -%}
        {{ relation }}.{{ column }} as {{ prefix }}{{ column }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro printed_places(amount) -%}
    {#- Decimals that a figure shows; below 0, so many zeros stand at its end. -#}
    case
        when scale(trim_scale({{ amount }})) > 0 then scale(trim_scale({{ amount }}))
        else length(rtrim(trim_scale({{ amount }})::text, '0')) - length(trim_scale({{ amount }})::text)
    end
{%- endmacro %}


{% macro equal_as_printed(left, right) -%}
    {#-
    Whether two printings are of one figure: equal at the places that the coarser of them shows, 10005000 and
    10004999. Four digits are always compared: of 10000000 nobody can say how many of its zeros were rounded, and
    14000000 is another figure.
    -#}
    {%- set coarser = 'least(' ~ printed_places(left) ~ ', ' ~ printed_places(right) ~ ')' -%}
    {%- set four_digits = '4 - length(trunc(greatest(' ~ left ~ ', ' ~ right ~ '))::text)' -%}
    round({{ left }}, greatest({{ coarser }}, {{ four_digits }}))
    = round({{ right }}, greatest({{ coarser }}, {{ four_digits }}))
{%- endmacro %}


{% macro last_columns(columns, window) -%}
    {#- What the row before had in each column, as last_<column>. -#}
    {%- for column in columns -%}
        lag({{ column }}) over {{ window }} as last_{{ column }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro columns_differ(columns) -%}
    {#- Whether any of these differs from what the row before had in last_columns. -#}
    {%- for column in columns -%}
        ({{ column }} is distinct from last_{{ column }}){{ " or " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
