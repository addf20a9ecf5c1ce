-- Both bounds are inclusive; a missing value breaks neither.
{% test within_bounds(model, column_name, minimum=0, maximum='infinity') %}
    select {{ column_name }}
    from {{ model }}
    where
        {{ column_name }} < {{ minimum }}
        or {{ column_name }} > cast('{{ maximum }}' as numeric)
{% endtest %}
