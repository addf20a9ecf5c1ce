{% test rows_found_in(model, to, columns) %}
    {#- A relationship over several columns: fails with what the other model does not hold. -#}
    select {{ columns | join(', ') }}
    from {{ model }}
    except
    select {{ columns | join(', ') }}
    from {{ to }}
{% endtest %}
