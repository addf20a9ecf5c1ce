{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Schemas are named in the design and are the same everywhere: nothing is put before them. -#}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
