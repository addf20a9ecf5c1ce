grant usage on schema raw, protected, ops to junheng_loader, junheng_transformer;
grant select, insert, delete on all tables in schema raw, protected to junheng_loader;
grant select on all tables in schema raw, protected, ops to junheng_transformer;
grant select, insert, update, delete on all tables in schema ops to junheng_loader;
grant insert on ops.build, ops.model_outcome, ops.publication, ops.quality_result to junheng_transformer;
-- The way from a figure to its file and column; rejected rows and their values stay with the loader.
grant select on ops.load_batch, ops.batch_column, ops.partition_batch, ops.current_batch, ops.batch_part
to junheng_analyst;
grant insert, delete on ops.missing_record to junheng_transformer;
grant usage on all sequences in schema ops to junheng_loader, junheng_transformer;
