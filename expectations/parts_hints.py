"""What a reader must know of the files whose rows would vanish, before the advice about them is followed."""

from __future__ import annotations

from expectations.rule_parts import word_of
from ingest.contract import Contract
from ingest.standing import table_key

# Lists of a partition's fields, by which a reader knows what else a file holds.
_SCOPE = {"fiscal_year": None, "item_code": "finance_item", "table_code": "finance_table"}


def named(contract: Contract, names: tuple[str, str]) -> str:
    """Continue the common table expressions up to ``vanished`` to a query of two texts (zh, en): ``names``
    (in SQL) of each row, the first of each file with what else must be known of that file."""
    zh, en = names
    return f"""
        , {_elsewhere(contract)},
        {_other_sources(contract)},
        named as (select distinct batch_id, {zh} as name_zh, {en} as name_en from vanished),
        placed as (
            select *, row_number() over (partition by batch_id order by name_zh, name_en) as place from named
        )
        select
            name_zh || case when place = 1 then concat(source.hint_zh, beyond.hint_zh) else '' end as name_zh,
            name_en || case when place = 1 then concat(source.hint_en, beyond.hint_en) else '' end as name_en
        from placed
        left join other_sources as source using (batch_id)
        left join elsewhere as beyond using (batch_id)
    """


def _elsewhere(contract: Contract) -> str:
    """In SQL: what each file holds in tables of which the batch says nothing: lost were it withdrawn."""
    scope = {language: _scope(contract, language) for language in ("zh", "en")}
    return f"""
        elsewhere as (
            select batch_id,
                '（该文件另有本文件没有的数据：' || {scope["zh"]} || '；撤回它会一并失去，'
                    || '请把这些也写入本文件，整份在原处交入）' as hint_zh,
                ' (that file holds more, of which this one says nothing: ' || {scope["en"]}
                    || '; to take it back would lose that: put it into this file too and hand in all of it '
                    || 'in its place)' as hint_en
            from ops.current_batch
            where record = '{contract.record}' and batch_id in (select batch_id from vanished)
                and {table_key(contract)} not in (select {table_key(contract)} from arriving)
            group by batch_id
        )
    """


def _scope(contract: Contract, language: str) -> str:
    told = []
    for name, list_name in _SCOPE.items():
        field, place = contract.field(name), contract.partition_by.index(name) + 1
        part = f"split_part(partition_key, '|', {place})"
        value = word_of(part, list_name, language) if list_name else part
        between, label = ("、", field.name_zh) if language == "zh" else (", ", field.name_en)
        told.append(f"'{label} ' || string_agg(distinct {value}, '{between}')")
    return (" || '；' || " if language == "zh" else " || '; ' || ").join(told)


def _other_sources(contract: Contract) -> str:
    """In SQL: how many rows of each file would vanish that the batch has with another source of funds."""
    # "is true" keeps the condition a filter: as a loop it would read the batch for each row.
    same = ", ".join(name for name in contract.key if name != "fund_source_code")
    return f"""
        other_sources as (
            select batch_id,
                '（其中 ' || count(*) || ' 个键本文件有，只是资金来源不同：请把同一张表的各资金来源写入'
                    || '同一份文件交入，另存为别的文件名仍会被退回）' as hint_zh,
                ' (of these the file has ' || count(*) || ' with another source of funds: put all sources of '
                    || 'funds of one table into one file and hand that in; under another name it would be '
                    || 'refused again)' as hint_en
            from vanished
            where (({same}) in (select {same} from arriving)) is true
            group by batch_id
        )
    """
