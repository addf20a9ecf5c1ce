{% macro current_batches(record) -%}
    {#- The batches whose rows of this record count now; older ones stay readable in raw. -#}
    select
        partition_key,
        batch_id
    from {{ source('ops', 'current_batch') }}
    where record = '{{ record }}'
{%- endmacro %}
