{% test not_small(model, column_name, threshold) %}
    {#- Fails with each published count of persons under the threshold; zero is nobody. -#}
    select {{ column_name }}
    from {{ model }}
    where {{ is_small(column_name, threshold) }}
{% endtest %}
