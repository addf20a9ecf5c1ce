-- What schools wrote about their figures, wherever it came from: a file of explanations, or form 112续表1 of a
-- workbook, which speaks for every figure of the school and year. A file of explanations counts once its own checks
-- have let it in. A note has no checks of its own and was masked when it was read: it counts with its workbook.
create or replace view ops.explanation as
select
    said.district_code, said.year, said.school_code, said.record_name as record, said.field_name,
    said.explanation, said.author_role as explained_by, batch.loaded_at as told_at
from raw.swing_explanation as said
inner join ops.load_batch as batch on batch.batch_id = said.batch_id
where (said.partition_key, said.batch_id) in (
    select partition_key, batch_id from ops.current_batch where record = 'swing_explanation'
)
union all
select
    note.district_code, note.school_year, note.school_code, null, null,
    note.note, note.form_code,
    batch.loaded_at
from ops.form_note as note
inner join ops.load_batch as batch on batch.batch_id = note.batch_id
where batch.status in ('loaded', 'accepted');
