-- The ledger: what came, what was taken, what not, what is current, what was checked, what was published.
create table if not exists ops.load_batch (
    batch_id uuid primary key,
    record text not null,
    profile text not null,
    profile_version integer not null,
    file_name text not null,
    file_path text not null,
    file_sha256 text not null,
    file_bytes bigint not null,
    file_modified_at timestamptz not null,
    encoding text,
    status text not null check (status in ('loaded', 'accepted', 'refused')),
    rows_read bigint not null,
    rows_loaded bigint not null,
    rows_rejected bigint not null,
    rows_skipped bigint not null,
    reason_zh text,
    reason_en text,
    reader_fingerprint text not null default '',  -- of the profiles, contract and codes it was read with
    started_at timestamptz not null,
    loaded_at timestamptz not null default clock_timestamp(),
    decided_at timestamptz
);
create index if not exists load_batch_record_status_index on ops.load_batch (record, status);

create table if not exists ops.refused_file (
    refused_file_id bigint generated always as identity primary key,
    record text,
    file_name text not null,
    file_path text not null,
    file_sha256 text,
    rule text not null,
    reason_zh text not null,
    reason_en text not null,
    refused_at timestamptz not null default clock_timestamp()
);

-- Files already looked at, by path, size and time: what the landing folder holds beyond these is new.
create table if not exists ops.seen_file (
    record text not null,
    file_path text not null,
    file_bytes bigint not null,
    file_mtime_ns bigint not null,
    reader_fingerprint text not null,
    batch_id uuid references ops.load_batch,
    seen_at timestamptz not null default clock_timestamp(),
    primary key (record, file_path)
);

create table if not exists ops.batch_column (
    batch_id uuid not null references ops.load_batch,
    source_block smallint not null,
    field_name text not null,
    source_column text not null,
    header text not null,
    primary key (batch_id, source_block, field_name, source_column)
);

create table if not exists ops.rejected_row (
    rejected_row_id bigint generated always as identity primary key,
    batch_id uuid not null references ops.load_batch,
    record text not null,
    source_sheet text not null,
    source_row integer not null,
    source_block smallint not null,
    source_column text,
    field_name text,
    header text,
    rule text not null,
    found text,
    expected_zh text not null,
    expected_en text not null,
    mend_zh text not null,
    mend_en text not null
);
create index if not exists rejected_row_batch_id_index on ops.rejected_row (batch_id);

create table if not exists ops.partition_batch (
    record text not null,
    partition_key text not null,
    batch_id uuid not null references ops.load_batch,
    accepted_at timestamptz not null default clock_timestamp(),
    superseded_at timestamptz,
    superseded_by uuid references ops.load_batch,
    primary key (record, partition_key, batch_id)
);
create unique index if not exists partition_batch_current_index
    on ops.partition_batch (record, partition_key) where superseded_at is null;

create or replace view ops.current_batch as
select record, partition_key, batch_id, accepted_at
from ops.partition_batch
where superseded_at is null;

create table if not exists ops.quality_result (
    quality_result_id bigint generated always as identity primary key,
    run_id text not null,
    border text not null check (border in ('incoming', 'outgoing')),
    suite text not null,
    record text,
    batch_id uuid references ops.load_batch,
    check_name text not null,
    column_name text,
    severity text not null,
    is_success boolean not null,
    unexpected_count bigint,
    element_count bigint,
    message_zh text not null,
    message_en text not null,
    checked_at timestamptz not null default clock_timestamp()
);
create index if not exists quality_result_run_id_index on ops.quality_result (run_id);

create table if not exists ops.model_outcome (
    model_outcome_id bigint generated always as identity primary key,
    run_id text not null,
    node_id text not null,
    resource_type text not null,
    node_name text not null,
    status text not null,
    message text,
    failures bigint,
    execution_seconds double precision not null,
    finished_at timestamptz not null default clock_timestamp()
);

create table if not exists ops.publication (
    publication_id bigint generated always as identity primary key,
    run_id text not null,
    status text not null check (status in ('published', 'unchanged', 'failed')),
    input_fingerprint text not null,
    marts_fingerprint text,
    reason_zh text,
    reason_en text,
    decided_at timestamptz not null default clock_timestamp()
);

create table if not exists ops.district_grant (
    role_name text not null,
    district_code text not null,
    granted_at timestamptz not null default clock_timestamp(),
    primary key (role_name, district_code)
);

-- Which school a row that was set aside belongs to, as far as it can be read: its school is then not complete,
-- and no figure of it may be shown as if it were. A field that could not be read, or that the record lacks, is NULL.
create table if not exists ops.rejected_key (
    batch_id uuid not null,
    record text not null,
    source_sheet text not null,
    source_row integer not null,
    source_block smallint not null,
    district_code text,
    school_year integer,
    school_code text,
    stage text
);
create index if not exists rejected_key_batch_id_index on ops.rejected_key (batch_id);

-- What a build was made from, so that what is published is never said to hold more than it does.
create table if not exists ops.build (
    build_id bigint generated always as identity primary key,
    run_id text not null,
    input_fingerprint text not null,
    built_at timestamptz not null default clock_timestamp()
);

-- Workbooks of the education statistics: which generation of forms a batch was read by, and what schools wrote
-- in explanation of figures that failed a check of the ministry. Telephone numbers and addresses in it are masked.
alter table ops.load_batch add column if not exists form_generation text;
create table if not exists ops.form_note (
    form_note_id bigint generated always as identity primary key,
    batch_id uuid not null references ops.load_batch,
    source_sheet text not null,
    form_code text not null,
    district_code text,
    school_year integer not null,
    school_code text not null,
    note text not null
);
create index if not exists form_note_batch_id_index on ops.form_note (batch_id);

-- Figures that leap against the same school's year before, by batch, with what was written about them.
create table if not exists ops.swing (
    swing_id bigint generated always as identity primary key,
    batch_id uuid not null references ops.load_batch,
    record text not null,
    district_code text not null,
    year integer not null,
    school_code text not null,
    stage text not null,
    field_name text not null,
    value_before numeric not null,
    value_now numeric not null,
    band text not null check (band in ('inner', 'outer')),
    explanation text,
    explained_by text,
    source_sheet text not null,
    source_row integer not null,
    told_at timestamptz not null default clock_timestamp()
);
create index if not exists swing_batch_id_index on ops.swing (batch_id);
-- The school and its campuses whose figures were summed: what any of them says speaks of the swing.
alter table ops.swing add column if not exists school_codes text[];
-- Of an amount whose code stands as school_code, its item as field_name; total, per student or per teacher.
alter table ops.swing add column if not exists basis text;

-- Schools of the register without rows in a record that is due, as the last look at the marts found them.
create table if not exists ops.missing_record (
    missing_record_id bigint generated always as identity primary key,
    run_id text not null,
    district_code text not null,
    school_year integer not null,
    school_code text,  -- NULL where the district sent nothing of that record and year
    record text not null,
    state text not null,
    explanation text,
    told_at timestamptz not null default clock_timestamp()
);
create index if not exists missing_record_run_id_index on ops.missing_record (run_id);
alter table ops.missing_record add column if not exists stage text;  -- NULL where every stage lacks it
alter table ops.missing_record drop constraint if exists missing_record_state_check;
alter table ops.missing_record add constraint missing_record_state_check check (
    state in ('missing', 'explained', 'year_missing', 'refused', 'not_due', 'never_sent', 'before_first')
);

-- Rows that came back mended. A replay is a batch of its own: the rows that its base holds and those of the mended
-- file. Which file a row came from is told by its block: that of the last part that begins at or before it.
alter table ops.load_batch add column if not exists base_batch_id uuid references ops.load_batch;
create table if not exists ops.batch_part (
    batch_id uuid not null references ops.load_batch,
    first_block smallint not null,
    origin_batch_id uuid not null references ops.load_batch,
    primary key (batch_id, first_block)
);

-- Which row of a mended file stands for which row that was set aside; row 0 is a school workbook as a whole.
create table if not exists ops.mended_row (
    batch_id uuid not null references ops.load_batch,
    source_sheet text not null,
    source_row integer not null,
    origin_batch_id uuid not null references ops.load_batch,
    origin_sheet text not null,
    origin_row integer not null,
    primary key (batch_id, origin_batch_id, origin_sheet, origin_row)
);

-- The batch whose own file a row came from.
create or replace function ops.origin_batch(batch uuid, block smallint) returns uuid
language sql stable set search_path = pg_catalog as $$
    select coalesce(
        (
            select part.origin_batch_id
            from ops.batch_part as part
            where part.batch_id = batch and part.first_block <= block
            order by part.first_block desc
            limit 1
        ),
        batch
    )
$$;

-- Layouts of files. What a profile's file says needs no acceptance; what differs is held until somebody has looked
-- at it and accepted it for some years. An acceptance is never altered, only withdrawn.
create table if not exists ops.accepted_layout (
    layout_id uuid primary key,
    layout_number bigint generated always as identity,
    profile text not null,
    record text not null,
    layouts jsonb not null,
    renames jsonb not null,
    ignored jsonb not null,
    codes jsonb not null,
    cells jsonb not null,
    differences jsonb not null,  -- what was shown when it was accepted
    year_from integer not null,
    year_to integer check (year_to >= year_from),
    file_name text not null,
    file_sha256 text not null,
    accepted_by text not null,
    accepted_at timestamptz not null default clock_timestamp(),
    withdrawn_by text,
    withdrawn_at timestamptz
);
alter table ops.load_batch add column if not exists layout_id uuid references ops.accepted_layout;
-- Differences that held nothing up (a column that moved, a note beside), as they were told.
alter table ops.load_batch add column if not exists layout_differences jsonb;

create table if not exists ops.held_file (
    held_file_id bigint generated always as identity primary key,
    record text not null,
    profile text not null,
    file_name text not null,
    file_path text not null,
    file_sha256 text not null,
    differences jsonb not null,
    reason_zh text not null,
    reason_en text not null,
    held_at timestamptz not null default clock_timestamp(),
    resolved_at timestamptz
);
create index if not exists held_file_path_index on ops.held_file (record, file_path) where resolved_at is null;
alter table ops.refused_file add column if not exists held_file_id bigint;

-- Which content of a file was last shown to somebody with its differences: nothing else may be accepted.
create table if not exists ops.shown_layout (
    file_path text primary key,
    file_sha256 text not null,
    shown_at timestamptz not null default clock_timestamp()
);

-- The workbooks of a folder that is one batch, so that it is known later which of them have changed.
create table if not exists ops.batch_member (
    batch_id uuid not null references ops.load_batch,
    file_name text not null,
    file_sha256 text not null,
    primary key (batch_id, file_name)
);
create index if not exists batch_member_sha256_index on ops.batch_member (file_sha256);
-- What decides the rows that the record has of it, by stage, hashed: a workbook that was written anew may hold the
-- same. NULL where it was read before this was kept, or does not say whose it is.
alter table ops.batch_member add column if not exists contents jsonb;

-- What became of workbooks that came back mended when their folder was read again: kept where the folder holds the
-- workbook as it was and no row can be lost by it; else the folder is left as it tells. A folder that was read again
-- continues the batch that counted before.
alter table ops.load_batch add column if not exists continues_batch_id uuid references ops.load_batch;
create table if not exists ops.kept_mend (
    batch_id uuid not null references ops.load_batch,
    mended_batch_id uuid not null references ops.load_batch,
    member text not null,
    outcome text not null,
    told_at timestamptz not null default clock_timestamp(),
    primary key (batch_id, mended_batch_id)
);
alter table ops.kept_mend drop constraint if exists kept_mend_outcome_check;
alter table ops.kept_mend add constraint kept_mend_outcome_check check (
    outcome in ('kept', 'changed', 'gone', 'told_anew', 'unknown', 'taken', 'not_whole', 'partly', 'withdrawn')
);
-- Of one that stays partly: the stages that stay, and why the others do not.
alter table ops.kept_mend add column if not exists stages text[];
alter table ops.kept_mend add column if not exists left_for text;

-- Since when the rows of a refused batch are gone that had a table of its own: without its file nobody judges it anew.
alter table ops.load_batch add column if not exists rows_dropped_at timestamptz;
-- Of which partitions they were: once what took their place is withdrawn its file is read again.
alter table ops.load_batch add column if not exists dropped_partitions text[];

-- The rule by which a folder was refused once its mends were decided: more of them may come.
alter table ops.load_batch add column if not exists refused_rule text;

-- A batch that was taken back by hand: who did it and why. Nothing took its place.
alter table ops.load_batch add column if not exists withdrawn_at timestamptz;
alter table ops.load_batch add column if not exists withdrawn_by text;
alter table ops.load_batch add column if not exists withdrawn_reason text;

-- Partitions that a batch takes along beside its own, because it is the file again that held them: see standing.py.
-- Written when the batch is checked; once it is current the ledger of partitions tells it, as superseded by it.
create table if not exists ops.emptied_partition (
    batch_id uuid not null references ops.load_batch,
    partition_key text not null,
    primary key (batch_id, partition_key)
);
-- Whether it may go within the contract's share; else the batch is held for it.
alter table ops.emptied_partition add column if not exists may_go boolean not null default true;

-- What a file meant for the others of its table when it was checked: whose rows it replaced, what stands beside it.
create table if not exists ops.part_note (
    batch_id uuid not null references ops.load_batch,
    place smallint not null,
    run_id text not null,
    note_zh text not null,
    note_en text not null,
    primary key (batch_id, place)
);

-- Batches of which the rows that were set aside are still to be mended: not one of which a replay or a newer file has
-- taken the place, nor a replay that was refused, whose rows its base tells.
create or replace view ops.batch_to_mend as
select batch_id
from ops.load_batch
where status = 'loaded'
    or status = 'refused' and base_batch_id is null
    or status = 'accepted' and batch_id in (select batch_id from ops.current_batch);
