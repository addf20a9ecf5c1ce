{% macro current_batches(record) -%}
    {#- The batches whose rows of this record count now; older ones stay readable in raw. -#}
    select
        partition_key,
        batch_id
    from {{ source('ops', 'current_batch') }}
    where record = '{{ record }}'
{%- endmacro %}


{% macro rows_set_aside(record) -%}
    {#-
    Rows of the current batches of a school record that were set aside, by district and year. What could not
    be read of a row may be anything: such a row belongs wherever it may belong.
    -#}
    select
        partitions.district_code,
        partitions.school_year,
        rejected.school_code,
        rejected.stage
    from (
        select
            batch_id,
            split_part(partition_key, '|', 1) as district_code,
            split_part(partition_key, '|', 2)::integer as school_year
        from {{ source('ops', 'current_batch') }}
        where record = '{{ record }}'
    ) as partitions
    inner join {{ source('ops', 'rejected_key') }} as rejected
        on
            rejected.record = '{{ record }}'
            and partitions.batch_id = rejected.batch_id
            and (rejected.district_code is null or partitions.district_code = rejected.district_code)
            and (rejected.school_year is null or partitions.school_year = rejected.school_year)
{%- endmacro %}
