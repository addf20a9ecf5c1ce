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
