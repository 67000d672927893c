-- The whole PostgreSQL schema of the call supervision system.
-- Made by `python -m supervision.store schema`; a test keeps it equal to models and migrations.
-- All times are UTC; lengths end in _s, _ms or _bytes.

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version (version_num) VALUES ('0001');

-- PEOPLE
-- Accounts, what each role may do, sign-in.

-- One person: a role, and an office for those who belong to one.
--
-- An officer may be known (sits at a desk) before he is given a password; then nobody can sign in as him.
-- `administered_as` is the one administrative role that the account ever held: it may hold no other (三员分立).
-- `guarded`: it has held a role of which nobody alone resets the password, and stays so. `established_at`: since
-- when it has its role. `password_ends_at`: a password that was reset must be changed until then. `barred_until`:
-- until then it does nothing of `reset_rules.BARRED_ACTS`. `version` is what people edit against.
CREATE TABLE accounts (
    id UUID NOT NULL,
    login VARCHAR(64) NOT NULL,
    name VARCHAR(64) NOT NULL,
    role VARCHAR(32) NOT NULL,
    administered_as VARCHAR(32),
    office_code VARCHAR(8),
    password_hash VARCHAR(256),
    must_change_password BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    guarded BOOLEAN NOT NULL,
    established_at TIMESTAMP WITH TIME ZONE NOT NULL,
    password_ends_at TIMESTAMP WITH TIME ZONE,
    barred_until TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT ck_accounts_office_of_role CHECK ((role IN ('officer', 'office_leader')) = (office_code IS NOT
        NULL)),
    CONSTRAINT ck_accounts_separate_duties CHECK (role NOT IN ('system_administrator', 'security_administrator',
        'auditor') OR (administered_as IS NOT NULL AND administered_as = role)),
    CONSTRAINT uq_accounts_login UNIQUE (login),
    CONSTRAINT ck_accounts_role CHECK (role IN ('officer', 'office_leader', 'supervisor', 'supervision_head',
        'bureau_leader', 'system_administrator', 'security_administrator', 'auditor')),
    CONSTRAINT ck_accounts_administered_as CHECK (administered_as IN ('officer', 'office_leader', 'supervisor',
        'supervision_head', 'bureau_leader', 'system_administrator', 'security_administrator', 'auditor'))
);
CREATE INDEX ix_accounts_office_code ON accounts (office_code);

-- On an office's node: which copy of its people it holds, and when headquarters last said that it is right.
--
-- `etag` names what the copy holds. Nobody signs in with a copy that is older than `sign_in_rules.VALID_FOR`.
CREATE TABLE people_copies (
    office_code VARCHAR(8) NOT NULL,
    etag VARCHAR(64) NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_people_copies PRIMARY KEY (office_code)
);

-- What two people do to an account: asked for by one, agreed to by another or refused, ended within a day.
--
-- A reset of a guarded account's password; or, where it `grants` one, a guarded role that the account gets, and
-- is on with, as soon as the second has agreed. `refusal` is the reason of who refused it; empty where it ended
-- because he changed the account otherwise.
CREATE TABLE password_resets (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    grants VARCHAR(32),
    agreed_by UUID,
    agreed_at TIMESTAMP WITH TIME ZONE,
    refused_by UUID,
    refusal VARCHAR(200) NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_password_resets PRIMARY KEY (id),
    CONSTRAINT ck_password_resets_not_by_the_owner CHECK (asked_by <> account_id AND agreed_by <> account_id),
    CONSTRAINT ck_password_resets_two_people CHECK (agreed_by <> asked_by),
    CONSTRAINT ck_password_resets_agreed_when CHECK ((agreed_by IS NULL) = (agreed_at IS NULL)),
    CONSTRAINT ck_password_resets_refused_when CHECK (refused_by IS NULL OR ended_at IS NOT NULL),
    CONSTRAINT fk_password_resets_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_password_resets_asked_by_accounts FOREIGN KEY(asked_by) REFERENCES accounts (id),
    CONSTRAINT ck_password_resets_grants CHECK (grants IN ('officer', 'office_leader', 'supervisor',
        'supervision_head', 'bureau_leader', 'system_administrator', 'security_administrator', 'auditor')),
    CONSTRAINT fk_password_resets_agreed_by_accounts FOREIGN KEY(agreed_by) REFERENCES accounts (id),
    CONSTRAINT fk_password_resets_refused_by_accounts FOREIGN KEY(refused_by) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_password_resets_open ON password_resets (account_id) WHERE ended_at IS NULL;

-- One signed-in session of an account, listed to its owner, ended by him or by an administrator.
CREATE TABLE sign_ins (
    id UUID NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    account_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    address VARCHAR(64) NOT NULL,
    agent VARCHAR(256) NOT NULL,
    CONSTRAINT pk_sign_ins PRIMARY KEY (id),
    CONSTRAINT uq_sign_ins_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_sign_ins_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_sign_ins_account_id ON sign_ins (account_id);
CREATE INDEX ix_sign_ins_open ON sign_ins (last_seen_at) WHERE ended_at IS NULL;

-- AUDIT
-- The append-only, hash-chained log of all that people do.

-- A signed head of headquarters' log: made there each hour, and kept by each office's node; never changed.
--
-- `text` is what was signed, word for word, `signature` ECDSA P-256 over its SHA-256 (DER, base64), `key` the
-- public key (PEM). `n` and `hash` are the head that the text names.
CREATE TABLE audit_checkpoints (
    number BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    n BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    text VARCHAR(8000) NOT NULL,
    signature VARCHAR(200) NOT NULL,
    key VARCHAR(400) NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_checkpoints PRIMARY KEY (number)
);
CREATE FUNCTION audit_checkpoints_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit_checkpoints are never changed or removed'; END $$;
CREATE TRIGGER audit_checkpoints_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION audit_checkpoints_refuse();

-- One act of one person, chained to the one before it (decision 6).
--
-- `n` counts from 1 without a gap. Rows are never changed or removed; triggers refuse it on both databases.
-- The actor's name is kept as it was, since an account may be renamed.
CREATE TABLE audit_entries (
    n INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID,
    actor VARCHAR(128) NOT NULL,
    act VARCHAR(64) NOT NULL,
    subject VARCHAR(128) NOT NULL,
    office_code VARCHAR(8),
    detail JSONB NOT NULL,
    previous VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    CONSTRAINT pk_audit_entries PRIMARY KEY (n),
    CONSTRAINT uq_audit_entries_hash UNIQUE (hash)
);
CREATE INDEX ix_audit_entries_act ON audit_entries (act);
CREATE INDEX ix_audit_entries_actor_id ON audit_entries (actor_id);
CREATE INDEX ix_audit_entries_at ON audit_entries (at);
CREATE INDEX ix_audit_entries_subject ON audit_entries (subject);
CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or removed'; END $$;
CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse();

-- At headquarters: up to which checkpoint an office's node keeps them, as it says when it asks for more.
CREATE TABLE audit_head_keepers (
    office_code VARCHAR(8) NOT NULL,
    number BIGINT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_head_keepers PRIMARY KEY (office_code)
);

-- On a node: up to which entry of headquarters' log it has its copies of a kind, and that entry's hash.
CREATE TABLE log_positions (
    office_code VARCHAR(8) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    n BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    CONSTRAINT pk_log_positions PRIMARY KEY (office_code, kind)
);

-- At headquarters: one entry of the log of an office's node, as it was received; never changed.
--
-- `node_code` says whose log it is, `epoch` which: a node that was rebuilt began a new one. What does not follow
-- from the entry before it is kept as well: it is what an auditor looks for.
CREATE TABLE office_audit_entries (
    node_code VARCHAR(8) NOT NULL,
    epoch UUID NOT NULL,
    n BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID,
    actor VARCHAR(128) NOT NULL,
    act VARCHAR(64) NOT NULL,
    subject VARCHAR(128) NOT NULL,
    office_code VARCHAR(8),
    detail JSONB NOT NULL,
    previous VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_office_audit_entries PRIMARY KEY (node_code, epoch, n)
);
CREATE FUNCTION office_audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'office_audit_entries are never changed or removed'; END $$;
CREATE TRIGGER office_audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON office_audit_entries FOR EACH STATEMENT EXECUTE FUNCTION office_audit_entries_refuse();

-- BACKUPS
-- Backups (备份): made, verified and restored, encrypted at a second place (decision 42).

-- One backup of this machine, at the second place; `number` counts from 1.
--
-- `at` is the moment for which it stands: that of the database's copy. `digest` is the SHA-256 of its manifest's
-- text, `objects` and `size_bytes` what it consists of, `sent_bytes` what of it was not there yet. `wal_at`: up
-- to when PostgreSQL's log behind it is there, too. `verified_at` is when it was last read back whole,
-- `rehearsed_at` when that was done with the private key; `fault` is what was wrong with it the last time, empty
-- where nothing was. `dropped_at`: when it was removed from the second place, others being kept.
CREATE TABLE backups (
    number BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
    digest VARCHAR(64) NOT NULL,
    objects BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    sent_bytes BIGINT NOT NULL,
    wal_at TIMESTAMP WITH TIME ZONE,
    verified_at TIMESTAMP WITH TIME ZONE,
    rehearsed_at TIMESTAMP WITH TIME ZONE,
    fault VARCHAR(300) NOT NULL,
    dropped_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_backups PRIMARY KEY (number)
);

-- DOCUMENTS
-- The numbers of printed documents (文号).

-- One kind and year. What has a register of its own (rectifications, discipline records) counts there.
CREATE TABLE document_counters (
    kind VARCHAR(32) NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT pk_document_counters PRIMARY KEY (kind, year),
    CONSTRAINT ck_document_counters_from_one CHECK (last >= 1)
);

-- EXCHANGE
-- The numbered facts between office and headquarters: outbox, inbox positions, sequence, heartbeat, clocks.

-- One epoch of an office's facts, as headquarters has it: `n` is the last number that was applied.
--
-- `heard_at` is when the office last spoke. `taken` counts the facts, so that a number that was set by other
-- hands shows; `gap_n` is a number that came while an earlier one was wanted. `fact_at` is when the last fact was
-- written, `back_at` when the office was heard again after a silence, which began at `away_at`. `clock_off_ms` is
-- its clock minus headquarters'; `stamps`: its batches say when they were sent, and it sends one at least each
-- minute. `last_sha256` is of the last fact, to know it again.
CREATE TABLE inboxes (
    office_code VARCHAR(8) NOT NULL,
    epoch UUID NOT NULL,
    n BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    gap_n BIGINT,
    heard_at TIMESTAMP WITH TIME ZONE NOT NULL,
    away_at TIMESTAMP WITH TIME ZONE,
    back_at TIMESTAMP WITH TIME ZONE,
    fact_at TIMESTAMP WITH TIME ZONE,
    clock_off_ms BIGINT NOT NULL,
    stamps BOOLEAN NOT NULL,
    last_sha256 VARCHAR(64),
    CONSTRAINT pk_inboxes PRIMARY KEY (office_code, epoch)
);

-- One fact, written in the transaction of what it is about; never changed.
CREATE TABLE outbox_entries (
    epoch UUID NOT NULL,
    n BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind VARCHAR(32) NOT NULL,
    body JSONB NOT NULL,
    CONSTRAINT pk_outbox_entries PRIMARY KEY (epoch, n)
);
CREATE INDEX ix_outbox_entries_at ON outbox_entries (at);

-- Where a node's facts stand: the last number given, the last that headquarters has, and when it said so.
--
-- Only an office node has one. A node that was rebuilt begins a new epoch, with its numbers from 1.
CREATE TABLE outbox_heads (
    office_code VARCHAR(8) NOT NULL,
    epoch UUID NOT NULL,
    last_n BIGINT NOT NULL,
    received_n BIGINT NOT NULL,
    reached_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox_heads PRIMARY KEY (office_code)
);

-- A fact that could not be written down, kept whole (`rules.storable`) for whoever looks into it.
--
-- `at` is when it came, `fact_at` when the office wrote it (None: before that was kept).
CREATE TABLE refused_facts (
    office_code VARCHAR(8) NOT NULL,
    epoch UUID NOT NULL,
    n BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind VARCHAR(32) NOT NULL,
    body JSONB NOT NULL,
    error VARCHAR(500) NOT NULL,
    fact_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_refused_facts PRIMARY KEY (office_code, epoch, n)
);

-- MACHINES
-- Room on the disks (存储空间), how long what is for headquarters has waited, and which certificates end soon.
--
-- Space is only watched, never made by deleting. Certificates are watched here rather than in `certificates/`, which
-- the intake uses without a database.

-- One machine, as it was when last looked at: a node by its office's code, or headquarters.
--
-- `volumes` are its file systems (`supervision.machines.messages.SentVolume`). `waiting_…` is what headquarters
-- still lacks of an office, `oldest_unsent_at` since when. `sent_at`, on a node: when it last sent
-- headquarters. `backup` is how its backups stand (`SentBackup`, beside it); None: none is made.
CREATE TABLE machines (
    code VARCHAR(8) NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    volumes JSONB NOT NULL,
    waiting_parts INTEGER NOT NULL,
    waiting_bytes BIGINT NOT NULL,
    oldest_unsent_at TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    backup JSONB,
    CONSTRAINT pk_machines PRIMARY KEY (code)
);

-- MAIL
-- Mail: written into the database with the act, and sent after the commit.

-- One email to one address. `about` names its occasion, so that nobody gets two for the same.
CREATE TABLE mails (
    id UUID NOT NULL,
    recipient VARCHAR(254) NOT NULL,
    subject VARCHAR(200) NOT NULL,
    body VARCHAR(4000) NOT NULL,
    about VARCHAR(120) NOT NULL,
    written_at TIMESTAMP WITH TIME ZONE NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    error VARCHAR(300) NOT NULL,
    CONSTRAINT pk_mails PRIMARY KEY (id)
);
CREATE INDEX ix_mails_waiting ON mails (next_try_at) WHERE sent_at IS NULL;
CREATE UNIQUE INDEX uq_mails_about_recipient ON mails (about, recipient);

-- OFFICES
-- Offices, their lines and desks, and which officer sits at which desk when.

-- A tax office (税务所). `site` is where its people open its node's site, as it says; empty: unknown.
CREATE TABLE offices (
    code VARCHAR(8) NOT NULL,
    name VARCHAR(64) NOT NULL,
    site VARCHAR(255) NOT NULL,
    CONSTRAINT pk_offices PRIMARY KEY (code)
);

-- One duty desk's SIP phone (分机), by its extension. `version` is what people assign it against.
--
-- `refused_at`: when it was last written down that whom the node named cannot sit there.
CREATE TABLE desks (
    id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    extension VARCHAR(16) NOT NULL,
    name VARCHAR(64) NOT NULL,
    leader BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    refused_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_desks PRIMARY KEY (id),
    CONSTRAINT uq_desks_office_code_extension UNIQUE (office_code, extension),
    CONSTRAINT fk_desks_office_code_offices FOREIGN KEY(office_code) REFERENCES offices (code)
);

-- One public consultation number (咨询电话线路): one FXO port, one SIP endpoint.
--
-- A number is one active line's; lines that have gone keep theirs, for the calls that rest on them.
CREATE TABLE lines (
    key VARCHAR(32) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    number VARCHAR(32) NOT NULL,
    name VARCHAR(64) NOT NULL,
    rings_before_us INTEGER NOT NULL,
    ring_s DOUBLE PRECISION NOT NULL,
    announcement BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    CONSTRAINT pk_lines PRIMARY KEY (key),
    CONSTRAINT fk_lines_office_code_offices FOREIGN KEY(office_code) REFERENCES offices (code)
);
CREATE UNIQUE INDEX uq_lines_active_number ON lines (office_code, number) WHERE active;

-- Who sits at a desk, from when until when (open end: until further notice).
--
-- The fact of a call is its desk; the officer is derived from this.
CREATE TABLE desk_assignments (
    id UUID NOT NULL,
    desk_id UUID NOT NULL,
    account_id UUID NOT NULL,
    since_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_desk_assignments PRIMARY KEY (id),
    CONSTRAINT fk_desk_assignments_desk_id_desks FOREIGN KEY(desk_id) REFERENCES desks (id),
    CONSTRAINT fk_desk_assignments_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_desk_assignments_account_id ON desk_assignments (account_id);
CREATE UNIQUE INDEX ix_desk_assignments_desk_id_since_at ON desk_assignments (desk_id, since_at);
CREATE UNIQUE INDEX uq_desk_assignments_open ON desk_assignments (desk_id) WHERE until_at IS NULL;

-- EARLY_SIGNS
-- Early signs (苗头性问题): where findings of a category become unusually many, and what is done about it.

-- A week that was looked at, once: a year must have no more comparisons than the level allows.
CREATE TABLE early_sign_looks (
    week DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_early_sign_looks PRIMARY KEY (week)
);

-- A category that became unusually frequent in an office, or in the bureau, in the four weeks up to `week`.
--
-- The figures are those that were looked at; `chance` is how probable they are if nothing changed, where the
-- share varies from week to week `spread` times as much as by chance alone. `due_on`: until when the section
-- decides; then the day of the measure.
CREATE TABLE early_signs (
    id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    category VARCHAR(32) NOT NULL,
    week DATE NOT NULL,
    window_calls INTEGER NOT NULL,
    window_found INTEGER NOT NULL,
    before_calls INTEGER NOT NULL,
    before_found INTEGER NOT NULL,
    spread DOUBLE PRECISION NOT NULL,
    chance DOUBLE PRECISION NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state VARCHAR(32) NOT NULL,
    text VARCHAR(1000) NOT NULL,
    owner_id UUID,
    due_on DATE,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    outcome VARCHAR(1000) NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_early_signs PRIMARY KEY (id),
    CONSTRAINT uq_early_signs_office_code_category_week UNIQUE (office_code, category, week),
    CONSTRAINT ck_early_signs_decided_of_state CHECK ((state = 'open') = (decided_by IS NULL)),
    CONSTRAINT ck_early_signs_owner_of_state CHECK (state NOT IN ('measure', 'done') OR owner_id IS NOT NULL),
    CONSTRAINT ck_early_signs_sign_state CHECK (state IN ('open', 'measure', 'done', 'dismissed')),
    CONSTRAINT fk_early_signs_owner_id_accounts FOREIGN KEY(owner_id) REFERENCES accounts (id),
    CONSTRAINT fk_early_signs_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id)
);
CREATE INDEX ix_early_signs_marked_at_id ON early_signs (marked_at, id);

-- WORKDAYS
-- Working days: China's public holidays and make-up days, and what people entered by hand.

-- A year of which a person said that all its holidays and make-up days are entered.
CREATE TABLE confirmed_years (
    year INTEGER NOT NULL,
    reason VARCHAR(500) NOT NULL,
    confirmed_by UUID NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_confirmed_years PRIMARY KEY (year),
    CONSTRAINT fk_confirmed_years_confirmed_by_accounts FOREIGN KEY(confirmed_by) REFERENCES accounts (id)
);

-- A day of which a person said whether it is worked, and why; it wins over what the calendar knows.
CREATE TABLE entered_days (
    day DATE NOT NULL,
    worked BOOLEAN NOT NULL,
    reason VARCHAR(500) NOT NULL,
    entered_by UUID NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_entered_days PRIMARY KEY (day),
    CONSTRAINT fk_entered_days_entered_by_accounts FOREIGN KEY(entered_by) REFERENCES accounts (id)
);

-- HANDOVER
-- What waits for one person by name, and who takes it over when he leaves, falls ill or changes office.

-- One thing that went from one person to another. Never changed. `record_id`: what of its kind.
CREATE TABLE handovers (
    id UUID NOT NULL,
    kind VARCHAR(32) NOT NULL,
    record_id UUID NOT NULL,
    name VARCHAR(64) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    from_id UUID NOT NULL,
    to_id UUID NOT NULL,
    reason VARCHAR(32) NOT NULL,
    note VARCHAR(500) NOT NULL,
    by UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_handovers PRIMARY KEY (id),
    CONSTRAINT ck_handovers_two_people CHECK (from_id <> to_id),
    CONSTRAINT fk_handovers_from_id_accounts FOREIGN KEY(from_id) REFERENCES accounts (id),
    CONSTRAINT fk_handovers_to_id_accounts FOREIGN KEY(to_id) REFERENCES accounts (id),
    CONSTRAINT fk_handovers_by_accounts FOREIGN KEY(by) REFERENCES accounts (id)
);
CREATE INDEX ix_handovers_from_id_at ON handovers (from_id, at);

-- RECONCILE
-- The reconciler: what the witnesses of each call say is compared; where they disagree, there is an incident.

-- The one row of it: who asked last, which worker has it until when, and what the last run came to.
CREATE TABLE reconciler (
    id INTEGER NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE,
    asked_by UUID,
    claimed_until TIMESTAMP WITH TIME ZONE,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    calls INTEGER NOT NULL,
    disagreements INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    healed INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    CONSTRAINT pk_reconciler PRIMARY KEY (id),
    CONSTRAINT ck_reconciler_one CHECK (id = 1),
    CONSTRAINT fk_reconciler_asked_by_accounts FOREIGN KEY(asked_by) REFERENCES accounts (id)
);

-- REGULATION
-- The regulation (语音记录系统管理暂行办法): versions, clauses, and who has confirmed which.

-- One version of the regulation (管理暂行办法). At most one is a draft, at most one in force.
--
-- What was in force is never changed; the next version replaces it. Version 1 came with the system and was
-- made by nobody. `version` is what people edit a draft against.
CREATE TABLE regulations (
    id UUID NOT NULL,
    n INTEGER NOT NULL,
    state VARCHAR(32) NOT NULL,
    title VARCHAR(100) NOT NULL,
    made_by UUID,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_regulations PRIMARY KEY (id),
    CONSTRAINT uq_regulations_n UNIQUE (n),
    CONSTRAINT ck_regulations_version_state CHECK (state IN ('draft', 'in_force', 'retired')),
    CONSTRAINT fk_regulations_made_by_accounts FOREIGN KEY(made_by) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_regulations_draft ON regulations (state) WHERE state = 'draft';
CREATE UNIQUE INDEX uq_regulations_in_force ON regulations (state) WHERE state = 'in_force';

-- One clause (条) of a version; scorecard criteria and findings cite it.
CREATE TABLE regulation_clauses (
    id UUID NOT NULL,
    regulation_id UUID NOT NULL,
    n INTEGER NOT NULL,
    chapter VARCHAR(60) NOT NULL,
    text VARCHAR(2000) NOT NULL,
    CONSTRAINT pk_regulation_clauses PRIMARY KEY (id),
    CONSTRAINT uq_regulation_clauses_regulation_id_n UNIQUE (regulation_id, n),
    CONSTRAINT fk_regulation_clauses_regulation_id_regulations FOREIGN KEY(regulation_id) REFERENCES regulations
        (id)
);

-- A person's word that he has read a version (domain rule 7). Given once, never taken back.
CREATE TABLE regulation_confirmations (
    regulation_id UUID NOT NULL,
    account_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_regulation_confirmations PRIMARY KEY (regulation_id, account_id),
    CONSTRAINT fk_regulation_confirmations_regulation_id_regulations FOREIGN KEY(regulation_id) REFERENCES
        regulations (id),
    CONSTRAINT fk_regulation_confirmations_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);

-- A kind of discipline or commendation in a version, with the points that it takes or gives.
CREATE TABLE regulation_consequences (
    id UUID NOT NULL,
    regulation_id UUID NOT NULL,
    n INTEGER NOT NULL,
    side VARCHAR(32) NOT NULL,
    name VARCHAR(40) NOT NULL,
    points INTEGER NOT NULL,
    CONSTRAINT pk_regulation_consequences PRIMARY KEY (id),
    CONSTRAINT uq_regulation_consequences_regulation_id_side_name UNIQUE (regulation_id, side, name),
    CONSTRAINT uq_regulation_consequences_regulation_id_n UNIQUE (regulation_id, n),
    CONSTRAINT fk_regulation_consequences_regulation_id_regulations FOREIGN KEY(regulation_id) REFERENCES
        regulations (id),
    CONSTRAINT ck_regulation_consequences_consequence_side CHECK (side IN ('discipline', 'commendation'))
);

-- CALLS
-- Calls: from first ring to hang-up, with segments, events and the rules that make a record of them.

-- What Asterisk's own log says of a call, as the office sent it, kept there and at headquarters (decision 4).
--
-- It refers to no call, since the call may have no record. `line_answered_at` is when the line was answered, by
-- a person or the announcement; `muted_ms` how long its MixMonitor was muted by order; `caller_packets` and
-- `desk_packets`: how many packets of audio came from the caller, and from the desks that held the call.
-- `disposition`, desk, rings and who hung up are what the log itself comes to, without our events; the log does
-- not say when a phone began to ring, so there are a lowest and a highest number of rings.
CREATE TABLE switch_records (
    call_id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    linkedid VARCHAR(64) NOT NULL,
    offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    line_answered_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    mixmonitor_started BOOLEAN NOT NULL,
    muted_ms INTEGER NOT NULL,
    disposition VARCHAR(32),
    answered_desk VARCHAR(16),
    hung_up_by VARCHAR(32),
    rings_least INTEGER,
    rings_most INTEGER,
    caller_packets BIGINT,
    desk_packets BIGINT,
    source VARCHAR(32) NOT NULL,
    CONSTRAINT pk_switch_records PRIMARY KEY (call_id),
    CONSTRAINT ck_switch_records_disposition CHECK (disposition IN ('answered', 'missed', 'abandoned', 'busy',
        'declined', 'after_hours', 'voicemail')),
    CONSTRAINT ck_switch_records_party CHECK (hung_up_by IN ('caller', 'officer', 'system')),
    CONSTRAINT ck_switch_records_switch_record_source CHECK (source IN ('cel', 'cdr'))
);
CREATE INDEX ix_switch_records_office_code_offered_at ON switch_records (office_code, offered_at);

-- One taxpayer's call on one line (咨询电话), from first ring to hang-up.
--
-- Its id is the one that the dialplan gave it before anything else. `disposition` and `ended_at` are empty
-- while it is in progress. `end_known_at` is when its end was first written down here, by this machine's clock:
-- long after it, where the office was cut off or its application was not there. `rings` counts from the first
-- desk's first ring (domain rule 3); the caller heard the line's `rings_before_us` more. The caller's number
-- and name are what came over the line: untrusted text, cleaned for storing, escaped and masked where shown.
CREATE TABLE calls (
    id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    line_key VARCHAR(32) NOT NULL,
    uniqueid VARCHAR(64) NOT NULL,
    caller_number VARCHAR(64) NOT NULL,
    caller_name VARCHAR(128) NOT NULL,
    offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_rang_at TIMESTAMP WITH TIME ZONE,
    answered_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    end_known_at TIMESTAMP WITH TIME ZONE,
    answered_desk VARCHAR(16),
    rings INTEGER NOT NULL,
    rings_before_us INTEGER NOT NULL,
    disposition VARCHAR(32),
    hung_up_by VARCHAR(32),
    interrupted BOOLEAN NOT NULL,
    witness VARCHAR(32) NOT NULL,
    CONSTRAINT pk_calls PRIMARY KEY (id),
    CONSTRAINT fk_calls_line_key_lines FOREIGN KEY(line_key) REFERENCES lines (key),
    CONSTRAINT ck_calls_disposition CHECK (disposition IN ('answered', 'missed', 'abandoned', 'busy',
        'declined', 'after_hours', 'voicemail')),
    CONSTRAINT ck_calls_party CHECK (hung_up_by IN ('caller', 'officer', 'system')),
    CONSTRAINT ck_calls_witness CHECK (witness IN ('ari', 'cel', 'cdr'))
);
CREATE INDEX ix_calls_answered_desk_offered_at_id ON calls (answered_desk, offered_at, id);
CREATE INDEX ix_calls_caller_number_offered_at ON calls (caller_number, offered_at);
CREATE INDEX ix_calls_ended_at ON calls (ended_at);
CREATE INDEX ix_calls_line_key_offered_at_id ON calls (line_key, offered_at, id);
CREATE INDEX ix_calls_offered_at_id ON calls (offered_at, id);
CREATE INDEX ix_calls_office_code_offered_at_id ON calls (office_code, offered_at, id);
CREATE INDEX ix_calls_uniqueid ON calls (uniqueid);

-- One thing that happened to a call, as one witness saw it; never changed.
--
-- The call's record is worked out from its events (`merge_rules.merge_witnesses`), so a record can always be
-- explained. `sequence` is the witness's own order (`rules.in_order`).
CREATE TABLE call_events (
    id UUID NOT NULL,
    call_id UUID NOT NULL,
    witness VARCHAR(32) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind VARCHAR(32) NOT NULL,
    channel VARCHAR(80) NOT NULL,
    desk VARCHAR(16),
    party VARCHAR(32),
    detail VARCHAR(200) NOT NULL,
    sequence BIGINT NOT NULL,
    CONSTRAINT pk_call_events PRIMARY KEY (id),
    CONSTRAINT uq_call_events_call_id_witness_kind_channel_at UNIQUE (call_id, witness, kind, channel, at),
    CONSTRAINT fk_call_events_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT ck_call_events_witness CHECK (witness IN ('ari', 'cel', 'cdr')),
    CONSTRAINT ck_call_events_party CHECK (party IN ('caller', 'officer', 'system'))
);

-- One stretch of the call with one party (通话段).
--
-- A call has more than one where a desk died and its caller was put back: few, with an index of their own.
CREATE TABLE segments (
    id UUID NOT NULL,
    call_id UUID NOT NULL,
    n INTEGER NOT NULL,
    kind VARCHAR(32) NOT NULL,
    desk VARCHAR(16),
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_segments PRIMARY KEY (id),
    CONSTRAINT uq_segments_call_id_n UNIQUE (call_id, n),
    CONSTRAINT fk_segments_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id)
);
CREATE INDEX ix_segments_desk_taken_over ON segments (desk) WHERE n > 1;

-- ROSTERS
-- Rosters: who answers which line when, and how the line's queue rings.

-- On an office's node: what headquarters last sent of its rosters. It holds until the next one comes.
CREATE TABLE roster_copies (
    office_code VARCHAR(8) NOT NULL,
    etag VARCHAR(64) NOT NULL,
    received JSONB NOT NULL,
    copied_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_roster_copies PRIMARY KEY (office_code)
);

-- Who stands in for a backup leader while he is away, and when (代理带班).
CREATE TABLE leader_deputies (
    id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    leader_id UUID NOT NULL,
    deputy_id UUID NOT NULL,
    first DATE NOT NULL,
    last DATE NOT NULL,
    entered_by UUID NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_leader_deputies PRIMARY KEY (id),
    CONSTRAINT ck_leader_deputies_first_to_last CHECK (first <= last),
    CONSTRAINT ck_leader_deputies_two_people CHECK (leader_id <> deputy_id),
    CONSTRAINT fk_leader_deputies_office_code_offices FOREIGN KEY(office_code) REFERENCES offices (code),
    CONSTRAINT fk_leader_deputies_leader_id_accounts FOREIGN KEY(leader_id) REFERENCES accounts (id),
    CONSTRAINT fk_leader_deputies_deputy_id_accounts FOREIGN KEY(deputy_id) REFERENCES accounts (id),
    CONSTRAINT fk_leader_deputies_entered_by_accounts FOREIGN KEY(entered_by) REFERENCES accounts (id)
);
CREATE INDEX ix_leader_deputies_office_code ON leader_deputies (office_code);

-- Days on which a person is on leave (休假); what was entered wrongly is withdrawn, and stays.
CREATE TABLE leaves (
    id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    account_id UUID NOT NULL,
    first DATE NOT NULL,
    last DATE NOT NULL,
    reason VARCHAR(500) NOT NULL,
    entered_by UUID NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_leaves PRIMARY KEY (id),
    CONSTRAINT ck_leaves_first_to_last CHECK (first <= last),
    CONSTRAINT fk_leaves_office_code_offices FOREIGN KEY(office_code) REFERENCES offices (code),
    CONSTRAINT fk_leaves_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_leaves_entered_by_accounts FOREIGN KEY(entered_by) REFERENCES accounts (id)
);
CREATE INDEX ix_leaves_account_id ON leaves (account_id);
CREATE INDEX ix_leaves_office_code ON leaves (office_code);

-- How a line's duty officers ring, and where its calls go that nobody answers or that come after hours.
CREATE TABLE line_ways (
    line_key VARCHAR(32) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    ring_order VARCHAR(32) NOT NULL,
    overflow VARCHAR(32) NOT NULL,
    overflow_office VARCHAR(8) NOT NULL,
    closed VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_line_ways PRIMARY KEY (line_key),
    CONSTRAINT fk_line_ways_office_code_offices FOREIGN KEY(office_code) REFERENCES offices (code),
    CONSTRAINT ck_line_ways_ring_order CHECK (ring_order IN ('in_order', 'longest_idle', 'all')),
    CONSTRAINT ck_line_ways_overflow_way CHECK (overflow IN ('announcement', 'voicemail', 'other_office',
        'hotline_12366')),
    CONSTRAINT ck_line_ways_closed_way CHECK (closed IN ('announcement', 'voicemail', 'other_office',
        'hotline_12366'))
);
CREATE INDEX ix_line_ways_office_code ON line_ways (office_code);

-- The working hours of an office on a day that is worked; without an afternoon: one stretch.
CREATE TABLE office_hours (
    office_code VARCHAR(8) NOT NULL,
    morning_starts TIME WITHOUT TIME ZONE NOT NULL,
    morning_ends TIME WITHOUT TIME ZONE NOT NULL,
    afternoon_starts TIME WITHOUT TIME ZONE,
    afternoon_ends TIME WITHOUT TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_office_hours PRIMARY KEY (office_code),
    CONSTRAINT ck_office_hours_morning CHECK (morning_starts < morning_ends),
    CONSTRAINT ck_office_hours_afternoon_whole CHECK ((afternoon_starts IS NULL) = (afternoon_ends IS NULL)),
    CONSTRAINT ck_office_hours_afternoon CHECK (afternoon_starts IS NULL OR (morning_ends <= afternoon_starts
        AND afternoon_starts < afternoon_ends)),
    CONSTRAINT fk_office_hours_office_code_offices FOREIGN KEY(office_code) REFERENCES offices (code)
);

-- One edition of an office's roster (值班表) for a week. One at most is in force, and one a draft.
CREATE TABLE rosters (
    id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    monday DATE NOT NULL,
    edition INTEGER NOT NULL,
    state VARCHAR(32) NOT NULL,
    made_by UUID NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    put_by UUID,
    put_at TIMESTAMP WITH TIME ZONE,
    reason VARCHAR(500) NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_rosters PRIMARY KEY (id),
    CONSTRAINT uq_rosters_office_code_monday_edition UNIQUE (office_code, monday, edition),
    CONSTRAINT ck_rosters_put_of_state CHECK ((state = 'draft') = (put_at IS NULL)),
    CONSTRAINT fk_rosters_office_code_offices FOREIGN KEY(office_code) REFERENCES offices (code),
    CONSTRAINT ck_rosters_roster_state CHECK (state IN ('draft', 'in_force', 'replaced')),
    CONSTRAINT fk_rosters_made_by_accounts FOREIGN KEY(made_by) REFERENCES accounts (id),
    CONSTRAINT fk_rosters_put_by_accounts FOREIGN KEY(put_by) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_rosters_draft ON rosters (office_code, monday) WHERE state = 'draft';
CREATE UNIQUE INDEX uq_rosters_in_force ON rosters (office_code, monday) WHERE state = 'in_force';

-- One shift (班次): a line on a day between two times of the bureau's wall clock.
CREATE TABLE roster_shifts (
    id UUID NOT NULL,
    roster_id UUID NOT NULL,
    line_key VARCHAR(32) NOT NULL,
    day DATE NOT NULL,
    starts TIME WITHOUT TIME ZONE NOT NULL,
    ends TIME WITHOUT TIME ZONE NOT NULL,
    CONSTRAINT pk_roster_shifts PRIMARY KEY (id),
    CONSTRAINT uq_roster_shifts_roster_id_line_key_day_starts UNIQUE (roster_id, line_key, day, starts),
    CONSTRAINT ck_roster_shifts_starts_before_ends CHECK (starts < ends),
    CONSTRAINT fk_roster_shifts_roster_id_rosters FOREIGN KEY(roster_id) REFERENCES rosters (id) ON DELETE
        CASCADE
);

-- A person at a desk in a shift; `n` is the order in which duty officers ring. `leader`: 带班领导.
CREATE TABLE roster_posts (
    id UUID NOT NULL,
    shift_id UUID NOT NULL,
    n INTEGER NOT NULL,
    account_id UUID NOT NULL,
    desk VARCHAR(16) NOT NULL,
    leader BOOLEAN NOT NULL,
    CONSTRAINT pk_roster_posts PRIMARY KEY (id),
    CONSTRAINT uq_roster_posts_shift_id_n UNIQUE (shift_id, n),
    CONSTRAINT fk_roster_posts_shift_id_roster_shifts FOREIGN KEY(shift_id) REFERENCES roster_shifts (id) ON
        DELETE CASCADE,
    CONSTRAINT fk_roster_posts_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_roster_posts_account_id ON roster_posts (account_id);

-- SCORECARDS
-- Scorecards (评分表): the service norm as criteria with weights, in versions that never change once in force.

-- One version of the service norm (评分表). At most one is a draft, at most one in force.
--
-- `heard_percent` is the share of a call that its reviewer must have played for a ticket to count, all of it
-- where it is shorter than `whole_under_s`. What was in force is never changed.
CREATE TABLE scorecards (
    id UUID NOT NULL,
    n INTEGER NOT NULL,
    state VARCHAR(32) NOT NULL,
    title VARCHAR(100) NOT NULL,
    excellent_from INTEGER NOT NULL,
    good_from INTEGER NOT NULL,
    pass_from INTEGER NOT NULL,
    heard_percent INTEGER NOT NULL,
    whole_under_s INTEGER NOT NULL,
    made_by UUID,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_scorecards PRIMARY KEY (id),
    CONSTRAINT uq_scorecards_n UNIQUE (n),
    CONSTRAINT ck_scorecards_version_state CHECK (state IN ('draft', 'in_force', 'retired')),
    CONSTRAINT fk_scorecards_made_by_accounts FOREIGN KEY(made_by) REFERENCES accounts (id)
);
CREATE UNIQUE INDEX uq_scorecards_draft ON scorecards (state) WHERE state = 'draft';
CREATE UNIQUE INDEX uq_scorecards_in_force ON scorecards (state) WHERE state = 'in_force';

-- One criterion: at most `weight` points. `critical`: the failure that makes the whole score 0, if any.
--
-- `may_not_apply`: a reviewer may leave it out where the call gave no occasion; the rest then makes up the 100.
-- He writes why, unless the criterion `needs_no_reason`.
CREATE TABLE criteria (
    id UUID NOT NULL,
    scorecard_id UUID NOT NULL,
    n INTEGER NOT NULL,
    name VARCHAR(60) NOT NULL,
    guide VARCHAR(500) NOT NULL,
    weight INTEGER NOT NULL,
    critical VARCHAR(500) NOT NULL,
    may_not_apply BOOLEAN DEFAULT false NOT NULL,
    needs_no_reason BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_criteria PRIMARY KEY (id),
    CONSTRAINT uq_criteria_scorecard_id_n UNIQUE (scorecard_id, n),
    CONSTRAINT fk_criteria_scorecard_id_scorecards FOREIGN KEY(scorecard_id) REFERENCES scorecards (id)
);

-- A criterion cites a clause of the regulation.
CREATE TABLE criterion_clauses (
    criterion_id UUID NOT NULL,
    clause_id UUID NOT NULL,
    CONSTRAINT pk_criterion_clauses PRIMARY KEY (criterion_id, clause_id),
    CONSTRAINT fk_criterion_clauses_criterion_id_criteria FOREIGN KEY(criterion_id) REFERENCES criteria (id),
    CONSTRAINT fk_criterion_clauses_clause_id_regulation_clauses FOREIGN KEY(clause_id) REFERENCES
        regulation_clauses (id)
);

-- ASSESSMENT
-- The figures that people and offices are assessed by, each open down to the call; closed months are frozen.

-- A month that is closed: its figures are frozen, with the weights of then.
--
-- `n`: how many entries it has, corrections included; `sha256`: of what was frozen, as the audit log names it.
-- `checked_at`: when it was last looked at for what has changed since.
CREATE TABLE assessment_months (
    month DATE NOT NULL,
    weights JSONB NOT NULL,
    weights_n INTEGER NOT NULL,
    n INTEGER NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    closed_by UUID NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    corrected_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_assessment_months PRIMARY KEY (month),
    CONSTRAINT fk_assessment_months_closed_by_accounts FOREIGN KEY(closed_by) REFERENCES accounts (id)
);

-- One version of the weights, in force from a month on; never changed.
CREATE TABLE assessment_weights (
    id UUID NOT NULL,
    n INTEGER NOT NULL,
    since DATE NOT NULL,
    score INTEGER NOT NULL,
    rings INTEGER NOT NULL,
    quotas INTEGER NOT NULL,
    rectifications INTEGER NOT NULL,
    finding INTEGER NOT NULL,
    complaint INTEGER NOT NULL,
    least_calls INTEGER NOT NULL,
    least_evaluated INTEGER NOT NULL,
    reason VARCHAR(500) NOT NULL,
    decided_by UUID NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_assessment_weights PRIMARY KEY (id),
    CONSTRAINT uq_assessment_weights_n UNIQUE (n),
    CONSTRAINT fk_assessment_weights_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id)
);

-- An item of a closed month's figure; `noted_at`: it is a correction, entered then. Never changed.
CREATE TABLE assessment_entries (
    id UUID NOT NULL,
    month DATE NOT NULL,
    n INTEGER NOT NULL,
    sign INTEGER NOT NULL,
    figure VARCHAR(32) NOT NULL,
    key VARCHAR(64) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    person_id UUID,
    "on" DATE NOT NULL,
    value INTEGER NOT NULL,
    call_id UUID,
    noted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_assessment_entries PRIMARY KEY (id),
    CONSTRAINT uq_assessment_entries_month_n UNIQUE (month, n),
    CONSTRAINT ck_assessment_entries_sign CHECK (sign IN (1, -1)),
    CONSTRAINT ck_assessment_entries_taken_out_by_correction CHECK (sign = 1 OR noted_at IS NOT NULL),
    CONSTRAINT fk_assessment_entries_month_assessment_months FOREIGN KEY(month) REFERENCES assessment_months
        (month),
    CONSTRAINT fk_assessment_entries_person_id_accounts FOREIGN KEY(person_id) REFERENCES accounts (id),
    CONSTRAINT fk_assessment_entries_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id)
);
CREATE INDEX ix_assessment_entries_month_office_code_figure ON assessment_entries (month, office_code, figure);
CREATE INDEX ix_assessment_entries_person_id_month ON assessment_entries (person_id, month);

-- COMPLAINTS
-- What taxpayers complain of: entered, tied to calls, handled, decided by another; a month of none is attested.

-- The section's word that a month had no complaint; revoked where one of that month was entered later.
CREATE TABLE complaint_zero_months (
    id UUID NOT NULL,
    month DATE NOT NULL,
    note VARCHAR(500) NOT NULL,
    attested_by UUID NOT NULL,
    attested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_complaint_zero_months PRIMARY KEY (id),
    CONSTRAINT fk_complaint_zero_months_attested_by_accounts FOREIGN KEY(attested_by) REFERENCES accounts (id)
);
CREATE INDEX ix_complaint_zero_months_month ON complaint_zero_months (month);
CREATE UNIQUE INDEX uq_complaint_zero_months_standing ON complaint_zero_months (month) WHERE revoked_at IS NULL;

-- What a taxpayer complained of (投诉). Its number in the register is year and `n`.
--
-- `called_on`: the day of the call, as far as who complains knows it. `proposal` and `person_id` are what its
-- handler found, `verdict` what another decided. `discipline_id` names the discipline record that rests on it;
-- that room fills it in, and this one does not know what it is.
CREATE TABLE complaints (
    id UUID NOT NULL,
    year INTEGER NOT NULL,
    n INTEGER NOT NULL,
    kind VARCHAR(32) NOT NULL,
    channel VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    caller_name VARCHAR(64) NOT NULL,
    caller_number VARCHAR(64) NOT NULL,
    text VARCHAR(4000) NOT NULL,
    called_on DATE,
    received_on DATE NOT NULL,
    counted_from DATE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    reminded_on DATE,
    registered_by UUID NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    handler_id UUID,
    proposal VARCHAR(32),
    person_id UUID,
    verdict VARCHAR(32),
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    discipline_id UUID,
    version INTEGER NOT NULL,
    CONSTRAINT pk_complaints PRIMARY KEY (id),
    CONSTRAINT uq_complaints_year_n UNIQUE (year, n),
    CONSTRAINT ck_complaints_verdict_of_state CHECK ((state IN ('decided', 'closed')) = (verdict IS NOT NULL)),
    CONSTRAINT ck_complaints_decided_by_of_verdict CHECK ((verdict IS NULL) = (decided_by IS NULL)),
    CONSTRAINT ck_complaints_decided_at_of_verdict CHECK ((verdict IS NULL) = (decided_at IS NULL)),
    CONSTRAINT ck_complaints_two_people CHECK (decided_by IS NULL OR decided_by <> handler_id),
    CONSTRAINT ck_complaints_proposal_of_state CHECK (state <> 'proposed' OR proposal IS NOT NULL),
    CONSTRAINT ck_complaints_person_of_discipline CHECK (discipline_id IS NULL OR person_id IS NOT NULL),
    CONSTRAINT ck_complaints_complaint_state CHECK (state IN ('registered', 'handling', 'proposed', 'decided',
        'closed', 'withdrawn')),
    CONSTRAINT fk_complaints_registered_by_accounts FOREIGN KEY(registered_by) REFERENCES accounts (id),
    CONSTRAINT fk_complaints_handler_id_accounts FOREIGN KEY(handler_id) REFERENCES accounts (id),
    CONSTRAINT ck_complaints_complaint_proposal CHECK (proposal IN ('upheld', 'not_upheld')),
    CONSTRAINT fk_complaints_person_id_accounts FOREIGN KEY(person_id) REFERENCES accounts (id),
    CONSTRAINT ck_complaints_complaint_verdict CHECK (verdict IN ('upheld', 'not_upheld')),
    CONSTRAINT fk_complaints_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id)
);
CREATE INDEX ix_complaints_decided_at ON complaints (decided_at);
CREATE INDEX ix_complaints_handler_id ON complaints (handler_id);
CREATE INDEX ix_complaints_office_code ON complaints (office_code);
CREATE INDEX ix_complaints_person_id ON complaints (person_id);
CREATE INDEX ix_complaints_received_on ON complaints (received_on);
CREATE INDEX ix_complaints_registered_at_id ON complaints (registered_at, id);
CREATE INDEX ix_complaints_state_due_on ON complaints (state, due_on);

-- One move of a complaint, with what was said then; never changed.
CREATE TABLE complaint_steps (
    id UUID NOT NULL,
    complaint_id UUID NOT NULL,
    n INTEGER NOT NULL,
    move VARCHAR(32) NOT NULL,
    verdict VARCHAR(32),
    text VARCHAR(2000) NOT NULL,
    by UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_complaint_steps PRIMARY KEY (id),
    CONSTRAINT uq_complaint_steps_complaint_id_n UNIQUE (complaint_id, n),
    CONSTRAINT fk_complaint_steps_complaint_id_complaints FOREIGN KEY(complaint_id) REFERENCES complaints (id),
    CONSTRAINT ck_complaint_steps_complaint_move CHECK (move IN ('take', 'propose', 'return', 'decide', 'close',
        'correct', 'withdraw', 'reopen')),
    CONSTRAINT ck_complaint_steps_complaint_step_verdict CHECK (verdict IN ('upheld', 'not_upheld')),
    CONSTRAINT fk_complaint_steps_by_accounts FOREIGN KEY(by) REFERENCES accounts (id)
);

-- A call that a complaint is about.
CREATE TABLE complaint_calls (
    complaint_id UUID NOT NULL,
    call_id UUID NOT NULL,
    tied_by UUID NOT NULL,
    tied_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_complaint_calls PRIMARY KEY (complaint_id, call_id),
    CONSTRAINT fk_complaint_calls_complaint_id_complaints FOREIGN KEY(complaint_id) REFERENCES complaints (id),
    CONSTRAINT fk_complaint_calls_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT fk_complaint_calls_tied_by_accounts FOREIGN KEY(tied_by) REFERENCES accounts (id)
);
CREATE INDEX ix_complaint_calls_call_id ON complaint_calls (call_id);

-- RETENTION
-- How long recordings are kept, what holds them longer, and how they are deleted with a proof (rule 11).

-- On an office's node: headquarters has deleted this recording, and the office's copy must go as well.
CREATE TABLE deletion_orders (
    call_id UUID NOT NULL,
    deletion_id UUID NOT NULL,
    cause VARCHAR(32) NOT NULL,
    agreed_by JSONB NOT NULL,
    pcm_sha256 VARCHAR(64),
    ordered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_deletion_orders PRIMARY KEY (call_id)
);
CREATE INDEX ix_deletion_orders_done_at ON deletion_orders (done_at);

-- A deletion that the system proposes: recordings of one office, to be agreed by two people.
--
-- `subject` names the caller's request that it fulfils. `ready_at` is when the second person agreed.
CREATE TABLE deletions (
    id UUID NOT NULL,
    cause VARCHAR(32) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    from_day DATE NOT NULL,
    to_day DATE NOT NULL,
    term_days INTEGER NOT NULL,
    subject VARCHAR(80) NOT NULL,
    state VARCHAR(32) NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ready_at TIMESTAMP WITH TIME ZONE,
    done_at TIMESTAMP WITH TIME ZONE,
    declined_by UUID,
    declined_at TIMESTAMP WITH TIME ZONE,
    note VARCHAR(500) NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_deletions PRIMARY KEY (id),
    CONSTRAINT ck_deletions_declined CHECK ((state = 'declined') = (declined_by IS NOT NULL)),
    CONSTRAINT ck_deletions_ready CHECK (state NOT IN ('agreed', 'done') OR ready_at IS NOT NULL),
    CONSTRAINT ck_deletions_deletion_state CHECK (state IN ('proposed', 'agreed_once', 'agreed', 'done',
        'declined')),
    CONSTRAINT fk_deletions_declined_by_accounts FOREIGN KEY(declined_by) REFERENCES accounts (id)
);
CREATE INDEX ix_deletions_proposed_at_id ON deletions (proposed_at, id);
CREATE INDEX ix_deletions_state ON deletions (state);

-- How many days recordings are kept; the newest version is in force, and none is ever changed.
CREATE TABLE retention_terms (
    n INTEGER NOT NULL,
    days INTEGER NOT NULL,
    reason VARCHAR(500) NOT NULL,
    set_by UUID NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_retention_terms PRIMARY KEY (n),
    CONSTRAINT ck_retention_terms_bounds CHECK (days BETWEEN 365 AND 3650),
    CONSTRAINT fk_retention_terms_set_by_accounts FOREIGN KEY(set_by) REFERENCES accounts (id)
);

-- One of the two seats of a deletion, and who took it. Nobody takes both.
CREATE TABLE deletion_agreements (
    deletion_id UUID NOT NULL,
    seat INTEGER NOT NULL,
    account_id UUID NOT NULL,
    name VARCHAR(128) NOT NULL,
    head BOOLEAN NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_deletion_agreements PRIMARY KEY (deletion_id, seat),
    CONSTRAINT uq_deletion_agreements_deletion_id_account_id UNIQUE (deletion_id, account_id),
    CONSTRAINT ck_deletion_agreements_seat CHECK (seat IN (1, 2)),
    CONSTRAINT fk_deletion_agreements_deletion_id_deletions FOREIGN KEY(deletion_id) REFERENCES deletions (id),
    CONSTRAINT fk_deletion_agreements_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);

-- One recording of a deletion; once deleted, the proof of what it was (rule 11).
--
-- The hashes and lengths are those that were sealed; `parts` lists the raw parts with theirs. `deleted_at` is
-- when the files of headquarters were gone, `office_deleted_at` when the office said that its own were.
CREATE TABLE deletion_items (
    deletion_id UUID NOT NULL,
    call_id UUID NOT NULL,
    offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state VARCHAR(32) NOT NULL,
    spared_because VARCHAR(32),
    pcm_sha256 VARCHAR(64),
    flac_sha256 VARCHAR(64),
    flac_bytes BIGINT,
    duration_ms INTEGER,
    parts JSONB NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    office_deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_deletion_items PRIMARY KEY (deletion_id, call_id),
    CONSTRAINT ck_deletion_items_deleted CHECK ((state = 'deleted') = (deleted_at IS NOT NULL)),
    CONSTRAINT fk_deletion_items_deletion_id_deletions FOREIGN KEY(deletion_id) REFERENCES deletions (id),
    CONSTRAINT fk_deletion_items_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT ck_deletion_items_item_state CHECK (state IN ('waiting', 'spared', 'deleting', 'deleted'))
);
CREATE INDEX ix_deletion_items_offered_at_call_id ON deletion_items (offered_at, call_id);
CREATE INDEX ix_deletion_items_state_office_deleted_at ON deletion_items (state, office_deleted_at);
CREATE UNIQUE INDEX uq_deletion_items_once ON deletion_items (call_id) WHERE state IN ('waiting', 'deleting',
        'deleted');

-- A recording is kept beyond its time, until its last day or until somebody releases it.
--
-- `subject` names what it is for (`request:<id>`), where the system placed it with that.
CREATE TABLE holds (
    id UUID NOT NULL,
    call_id UUID NOT NULL,
    reason VARCHAR(32) NOT NULL,
    note VARCHAR(500) NOT NULL,
    subject VARCHAR(80) NOT NULL,
    until DATE,
    placed_by UUID NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    released_by UUID,
    released_at TIMESTAMP WITH TIME ZONE,
    release_note VARCHAR(500) NOT NULL,
    CONSTRAINT pk_holds PRIMARY KEY (id),
    CONSTRAINT ck_holds_released CHECK ((released_at IS NULL) = (released_by IS NULL)),
    CONSTRAINT fk_holds_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT fk_holds_placed_by_accounts FOREIGN KEY(placed_by) REFERENCES accounts (id),
    CONSTRAINT fk_holds_released_by_accounts FOREIGN KEY(released_by) REFERENCES accounts (id)
);
CREATE INDEX ix_holds_call_id ON holds (call_id);
CREATE INDEX ix_holds_placed_at_id ON holds (placed_at, id);
CREATE INDEX ix_holds_subject ON holds (subject);

-- INCIDENTS
-- Incidents (异常): what should have been recorded, received or done and was not.

-- One incident. The same cause on the same subject is one row while it lasts, seen first and last.
--
-- `received`, at headquarters only: an office saw it and sent it. What headquarters sees of the same matter, on
-- its own copy, is an incident of its own.
CREATE TABLE incidents (
    id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    cause VARCHAR(32) NOT NULL,
    subject VARCHAR(80) NOT NULL,
    call_id UUID,
    detail JSONB NOT NULL,
    first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    times INTEGER NOT NULL,
    healed_at TIMESTAMP WITH TIME ZONE,
    received BOOLEAN DEFAULT false NOT NULL,
    seen_by UUID,
    seen_at TIMESTAMP WITH TIME ZONE,
    note VARCHAR(1000) NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_incidents PRIMARY KEY (id),
    CONSTRAINT fk_incidents_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT fk_incidents_seen_by_accounts FOREIGN KEY(seen_by) REFERENCES accounts (id)
);
CREATE INDEX ix_incidents_call_id ON incidents (call_id);
CREATE INDEX ix_incidents_first_seen_at_id ON incidents (first_seen_at, id);
CREATE INDEX ix_incidents_office_code_first_seen_at ON incidents (office_code, first_seen_at);
CREATE UNIQUE INDEX uq_incidents_open ON incidents (office_code, cause, subject, received) WHERE healed_at IS
        NULL;

-- RECORDINGS
-- Recordings: the parts on disk, their sealing into FLAC and what was measured.

-- The audio of one call (录音). Left channel: what the caller says; right: what the caller hears.
--
-- `empty` is normal for a call that was never answered. `pcm_sha256` covers the joined 16-bit little-endian
-- PCM, so it can be verified for ever. `officer_on_ms` is where the officer came on, from the start, by the times
-- of the call's record; `caller_talks_ms` is from where on the caller talks, by the sound alone.
-- `gaps` lists `{"at_ms", "length_ms"}`: stretches between parts that nobody recorded, silent in the file.
-- `dead_air_ms` is for how long, once the officer was on, nothing at all came from either side;
-- `caller_still_ms` and `officer_still_ms` are the longest stretch in which nothing came from that side alone.
-- `waited_ms` is for how long, before that, the caller waited on the answered line while no desk rang.
-- `closed_at` is when all its parts were closed; at headquarters they may still be on their way then.
-- `verified_at` is when the content of the sealed file was last looked through, and was what had been sealed;
-- `scrub_due_at` when that is due again.
CREATE TABLE recordings (
    call_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    attempts INTEGER NOT NULL,
    claimed_until TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    frames BIGINT,
    duration_ms INTEGER,
    pcm_sha256 VARCHAR(64),
    flac_sha256 VARCHAR(64),
    flac_bytes BIGINT,
    officer_on_ms INTEGER,
    caller_talks_ms INTEGER,
    caller_loudness_db DOUBLE PRECISION,
    officer_loudness_db DOUBLE PRECISION,
    caller_silence_ms INTEGER,
    officer_silence_ms INTEGER,
    busy_tone_ms INTEGER,
    dead_air_ms INTEGER,
    waited_ms INTEGER,
    caller_still_ms INTEGER,
    officer_still_ms INTEGER,
    interrupted BOOLEAN NOT NULL,
    gaps JSONB NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE,
    verified_at TIMESTAMP WITH TIME ZONE,
    scrub_due_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_recordings PRIMARY KEY (call_id),
    CONSTRAINT fk_recordings_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT ck_recordings_recording_state CHECK (state IN ('growing', 'final', 'ready', 'empty', 'failed',
        'deleted'))
);
CREATE INDEX ix_recordings_state_due_at ON recordings (state, due_at);
CREATE INDEX ix_recordings_state_scrub_due_at ON recordings (state, scrub_due_at);
CREATE INDEX ix_recordings_state_verified_at ON recordings (state, verified_at);

-- At headquarters: the sealed copy that the office keeps of a recording, as it reported it (decision 3).
CREATE TABLE office_copies (
    call_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    pcm_sha256 VARCHAR(64),
    duration_ms INTEGER NOT NULL,
    speech_ms INTEGER NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_office_copies PRIMARY KEY (call_id),
    CONSTRAINT fk_office_copies_call_id_recordings FOREIGN KEY(call_id) REFERENCES recordings (call_id),
    CONSTRAINT ck_office_copies_recording_state CHECK (state IN ('growing', 'final', 'ready', 'empty', 'failed',
        'deleted'))
);

-- One MixMonitor file of a recording (录音分段). Its name is never used twice.
--
-- `started_at` is the moment of its first frame, `length_bytes` and `sha256` are fixed once it is closed.
-- `received_at` is when all of it was at headquarters and its hash was right; an office knows it by receipt.
-- `put_away_at` is when its file was removed here on purpose, the sealed copies being there: its absence is no
-- loss (decision 17).
CREATE TABLE parts (
    name VARCHAR(64) NOT NULL,
    call_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    length_bytes BIGINT,
    sha256 VARCHAR(64),
    received_at TIMESTAMP WITH TIME ZONE,
    put_away_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_parts PRIMARY KEY (name),
    CONSTRAINT fk_parts_call_id_recordings FOREIGN KEY(call_id) REFERENCES recordings (call_id)
);
CREATE INDEX ix_parts_call_id ON parts (call_id);

-- CALLER_REQUESTS
-- The register of what callers ask of their own recordings: to see them, or to have them deleted (rule 11).

-- A caller asks to see or to delete what was recorded of him. Its number in the register is year and `n`.
CREATE TABLE caller_requests (
    id UUID NOT NULL,
    year INTEGER NOT NULL,
    n INTEGER NOT NULL,
    kind VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    channel VARCHAR(32) NOT NULL,
    caller_name VARCHAR(64) NOT NULL,
    caller_number VARCHAR(64) NOT NULL,
    wish VARCHAR(1000) NOT NULL,
    received_on DATE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    registered_by UUID NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    identity VARCHAR(32),
    identity_note VARCHAR(500) NOT NULL,
    identified_by UUID,
    identified_at TIMESTAMP WITH TIME ZONE,
    outcome VARCHAR(1000) NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_caller_requests PRIMARY KEY (id),
    CONSTRAINT uq_caller_requests_year_n UNIQUE (year, n),
    CONSTRAINT ck_caller_requests_decided CHECK (state IN ('registered', 'identified', 'withdrawn') OR
        decided_by IS NOT NULL),
    CONSTRAINT ck_caller_requests_identified CHECK (state NOT IN ('identified', 'granted', 'done') OR identity
        IS NOT NULL),
    CONSTRAINT ck_caller_requests_request_state CHECK (state IN ('registered', 'identified', 'granted', 'done',
        'refused', 'withdrawn')),
    CONSTRAINT fk_caller_requests_registered_by_accounts FOREIGN KEY(registered_by) REFERENCES accounts (id),
    CONSTRAINT fk_caller_requests_identified_by_accounts FOREIGN KEY(identified_by) REFERENCES accounts (id),
    CONSTRAINT fk_caller_requests_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id)
);
CREATE INDEX ix_caller_requests_registered_at_id ON caller_requests (registered_at, id);
CREATE INDEX ix_caller_requests_state_due_on ON caller_requests (state, due_on);

-- What was written about a request, by either side.
CREATE TABLE request_letters (
    id UUID NOT NULL,
    request_id UUID NOT NULL,
    way VARCHAR(32) NOT NULL,
    written_on DATE NOT NULL,
    reference VARCHAR(64) NOT NULL,
    text VARCHAR(4000) NOT NULL,
    entered_by UUID NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_request_letters PRIMARY KEY (id),
    CONSTRAINT fk_request_letters_request_id_caller_requests FOREIGN KEY(request_id) REFERENCES caller_requests
        (id),
    CONSTRAINT ck_request_letters_letter_way CHECK (way IN ('received', 'sent')),
    CONSTRAINT fk_request_letters_entered_by_accounts FOREIGN KEY(entered_by) REFERENCES accounts (id)
);
CREATE INDEX ix_request_letters_request_id ON request_letters (request_id);

-- A call that a request is about.
CREATE TABLE request_calls (
    request_id UUID NOT NULL,
    call_id UUID NOT NULL,
    tied_by UUID NOT NULL,
    tied_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_request_calls PRIMARY KEY (request_id, call_id),
    CONSTRAINT fk_request_calls_request_id_caller_requests FOREIGN KEY(request_id) REFERENCES caller_requests
        (id),
    CONSTRAINT fk_request_calls_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT fk_request_calls_tied_by_accounts FOREIGN KEY(tied_by) REFERENCES accounts (id)
);
CREATE INDEX ix_request_calls_call_id ON request_calls (call_id);

-- DRAWS
-- Draws (抽检任务): a period's frozen list, the shares of two parties, and the tickets that follow.

-- On a node: an answered call of its own whose fact headquarters has acknowledged, and one tier of lists.
--
-- By `listed_by` it is to be in exactly one list of that tier; `listed_at` is when the node saw it so. `renewed`:
-- headquarters had not acknowledged it any more, and it has got more time for that once.
CREATE TABLE acknowledged_calls (
    call_id UUID NOT NULL,
    tier VARCHAR(32) NOT NULL,
    epoch UUID NOT NULL,
    n BIGINT NOT NULL,
    listed_by TIMESTAMP WITH TIME ZONE NOT NULL,
    listed_at TIMESTAMP WITH TIME ZONE,
    renewed BOOLEAN NOT NULL,
    CONSTRAINT pk_acknowledged_calls PRIMARY KEY (call_id, tier),
    CONSTRAINT ck_acknowledged_calls_tier CHECK (tier IN ('office', 'hq'))
);
CREATE INDEX ix_acknowledged_calls_epoch_n ON acknowledged_calls (epoch, n);
CREATE INDEX ix_acknowledged_calls_listed_by ON acknowledged_calls (listed_by) WHERE listed_at IS NULL;

-- One draw (抽检任务), as this party knows it: both the office's node and headquarters have it.
--
-- Its id follows from its name, `office:07:2026-W47`, and is the same on both sides. Times are headquarters',
-- as it recorded or sent them; `closed_at` on a node and `learned_at`, since when it knows of the list that
-- stands, are its own. `closed_n` of `closed_epoch` is the office's last fact that the list rests on.
--
-- `secret` names the draw secret that the own share follows from. `said` is what the office said in its close,
-- `revealed_for` in its reveal. `seats` and `moved` came with the freeze: who sat where, and the calls that are
-- in another list than their own beginning says. `added` are lines that only the office had. `node_state`, on a
-- node, is what headquarters says of the tickets, `judged_at` when it first said that all of them are judged.
CREATE TABLE draws (
    id UUID NOT NULL,
    name VARCHAR(48) NOT NULL,
    tier VARCHAR(32) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    period VARCHAR(8) NOT NULL,
    supplement INTEGER NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state VARCHAR(32) NOT NULL,
    rate VARCHAR(16) NOT NULL,
    secret VARCHAR(16) NOT NULL,
    office_commitment VARCHAR(64),
    hq_commitment VARCHAR(64),
    closed_at TIMESTAMP WITH TIME ZONE,
    closed_epoch UUID,
    closed_n BIGINT,
    closed_early BOOLEAN NOT NULL,
    said JSONB NOT NULL,
    frozen_at TIMESTAMP WITH TIME ZONE,
    frozen_root VARCHAR(64),
    by_silence BOOLEAN NOT NULL,
    seats JSONB NOT NULL,
    moved JSONB NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    answered_epoch UUID,
    answered_n BIGINT,
    office_root VARCHAR(64),
    added JSONB NOT NULL,
    differences JSONB NOT NULL,
    agreed_at TIMESTAMP WITH TIME ZONE,
    learned_at TIMESTAMP WITH TIME ZONE,
    root VARCHAR(64),
    calls INTEGER,
    office_ask JSONB NOT NULL,
    hq_ask JSONB NOT NULL,
    office_dice JSONB NOT NULL,
    hq_dice JSONB NOT NULL,
    dice VARCHAR(64) NOT NULL,
    office_share VARCHAR(64),
    hq_share VARCHAR(64),
    office_revealed_at TIMESTAMP WITH TIME ZONE,
    hq_revealed_at TIMESTAMP WITH TIME ZONE,
    revealed_for JSONB NOT NULL,
    whole_at TIMESTAMP WITH TIME ZONE,
    reviewer VARCHAR(32),
    drawn_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE,
    seed VARCHAR(64),
    none_by_office VARCHAR(128) NOT NULL,
    none_by_hq VARCHAR(128) NOT NULL,
    node_state JSONB NOT NULL,
    judged_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_draws PRIMARY KEY (id),
    CONSTRAINT uq_draws_tier_office_code_period_supplement UNIQUE (tier, office_code, period, supplement),
    CONSTRAINT ck_draws_drawn CHECK ((state = 'drawn') = (drawn_at IS NOT NULL)),
    CONSTRAINT ck_draws_shares CHECK (state <> 'drawn' OR (office_share IS NOT NULL AND hq_share IS NOT NULL)),
    CONSTRAINT uq_draws_name UNIQUE (name),
    CONSTRAINT ck_draws_tier CHECK (tier IN ('office', 'hq')),
    CONSTRAINT ck_draws_draw_state CHECK (state IN ('open', 'closed', 'frozen', 'agreed', 'revealed', 'whole',
        'drawn', 'empty')),
    CONSTRAINT ck_draws_party CHECK (reviewer IN ('office', 'hq'))
);
CREATE INDEX ix_draws_ends_at_id ON draws (ends_at, id);
CREATE INDEX ix_draws_office_code_ends_at ON draws (office_code, ends_at);

-- One line of a draw's list; once the list stands it is never changed. `added`: only the office had it.
CREATE TABLE draw_entries (
    draw_id UUID NOT NULL,
    call_id UUID NOT NULL,
    stratum VARCHAR(64) NOT NULL,
    audio VARCHAR(64) NOT NULL,
    added BOOLEAN NOT NULL,
    CONSTRAINT pk_draw_entries PRIMARY KEY (draw_id, call_id),
    CONSTRAINT fk_draw_entries_draw_id_draws FOREIGN KEY(draw_id) REFERENCES draws (id)
);
CREATE INDEX ix_draw_entries_call_id ON draw_entries (call_id);

-- From when on how many percent are drawn. 20 % and 10 % are floors that nobody can lower (domain rule 1).
CREATE TABLE draw_norms (
    id UUID NOT NULL,
    tier VARCHAR(32) NOT NULL,
    percent INTEGER NOT NULL,
    since_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_by UUID NOT NULL,
    reason VARCHAR(500) NOT NULL,
    CONSTRAINT pk_draw_norms PRIMARY KEY (id),
    CONSTRAINT ck_draw_norms_floor CHECK (percent <= 100 AND ((tier = 'office' AND percent >= 20) OR (tier =
        'hq' AND percent >= 10))),
    CONSTRAINT ck_draw_norms_tier CHECK (tier IN ('office', 'hq')),
    CONSTRAINT fk_draw_norms_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id)
);

-- At headquarters: a call that an acknowledged fact called answered, as it was first received; never changed.
--
-- `week` and `month` are the periods in whose lists it is, `began_week` and `began_month` those in which it began
-- by the node's clock (empty: at no possible time).
CREATE TABLE answered_calls (
    call_id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    desk VARCHAR(16) NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    week VARCHAR(8) NOT NULL,
    month VARCHAR(8) NOT NULL,
    began_week VARCHAR(8) NOT NULL,
    began_month VARCHAR(8) NOT NULL,
    CONSTRAINT pk_answered_calls PRIMARY KEY (call_id),
    CONSTRAINT fk_answered_calls_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id)
);
CREATE INDEX ix_answered_calls_office_code_began_month ON answered_calls (office_code, began_month);
CREATE INDEX ix_answered_calls_office_code_began_week ON answered_calls (office_code, began_week);
CREATE INDEX ix_answered_calls_office_code_month ON answered_calls (office_code, month);
CREATE INDEX ix_answered_calls_office_code_week ON answered_calls (office_code, week);

-- One recording drawn (抽检签), at headquarters only: its place in the order of work, and how it stands.
--
-- `ticket` is the hash that it was drawn by. `taken_by` has it in hand; what counts on it is `done`. One that
-- two people found unusable counts for nothing, and `successor_of` is the one that another came in place of.
-- `released`: it was due while the list was whole, and was not drawn.
CREATE TABLE tickets (
    id UUID NOT NULL,
    draw_id UUID NOT NULL,
    call_id UUID NOT NULL,
    place INTEGER NOT NULL,
    ticket VARCHAR(64) NOT NULL,
    stratum VARCHAR(64) NOT NULL,
    state VARCHAR(32) NOT NULL,
    taken_by UUID,
    taken_at TIMESTAMP WITH TIME ZONE,
    done_at TIMESTAMP WITH TIME ZONE,
    successor_of UUID,
    reason VARCHAR(32),
    reason_note VARCHAR(500) NOT NULL,
    proposed_by UUID,
    proposed_at TIMESTAMP WITH TIME ZONE,
    agreed_by UUID,
    agreed_at TIMESTAMP WITH TIME ZONE,
    agreed_n INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_tickets PRIMARY KEY (id),
    CONSTRAINT uq_tickets_draw_id_call_id UNIQUE (draw_id, call_id),
    CONSTRAINT uq_tickets_draw_id_place UNIQUE (draw_id, place),
    CONSTRAINT uq_tickets_successor_of UNIQUE (successor_of),
    CONSTRAINT ck_tickets_done CHECK (state <> 'done' OR done_at IS NOT NULL),
    CONSTRAINT ck_tickets_two_people CHECK (state <> 'unusable' OR (reason IS NOT NULL AND proposed_by IS NOT
        NULL AND agreed_by IS NOT NULL AND agreed_by <> proposed_by)),
    CONSTRAINT ck_tickets_taken CHECK (state <> 'taken' OR taken_by IS NOT NULL),
    CONSTRAINT fk_tickets_draw_id_draws FOREIGN KEY(draw_id) REFERENCES draws (id),
    CONSTRAINT fk_tickets_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT ck_tickets_ticket_state CHECK (state IN ('waiting', 'taken', 'proposed', 'unusable', 'done',
        'released')),
    CONSTRAINT fk_tickets_taken_by_accounts FOREIGN KEY(taken_by) REFERENCES accounts (id),
    CONSTRAINT fk_tickets_successor_of_tickets FOREIGN KEY(successor_of) REFERENCES tickets (id),
    CONSTRAINT ck_tickets_unusable CHECK (reason IN ('wrong_number', 'no_speech', 'no_audio')),
    CONSTRAINT fk_tickets_proposed_by_accounts FOREIGN KEY(proposed_by) REFERENCES accounts (id),
    CONSTRAINT fk_tickets_agreed_by_accounts FOREIGN KEY(agreed_by) REFERENCES accounts (id)
);
CREATE INDEX ix_tickets_call_id ON tickets (call_id);
CREATE INDEX ix_tickets_draw_id_state ON tickets (draw_id, state);
CREATE INDEX ix_tickets_taken_by ON tickets (taken_by);

-- LISTENING
-- Who listens to what: players on sealed recordings and on calls in progress, what was heard, and levels.

-- One person listening to one recording once: written before the first byte leaves.
--
-- `stretches` are the seconds that were heard, as `[from_s, to_s]` pairs, merged; `seconds` is their sum.
-- `reported_at` is when the player last reported, `served_bytes` how much audio has left for it. `live`: the
-- recording was heard while it grew, so the bytes are those of its parts and the seconds those of its timeline.
CREATE TABLE listenings (
    id UUID NOT NULL,
    call_id UUID NOT NULL,
    account_id UUID NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_heard_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    reported_at TIMESTAMP WITH TIME ZONE,
    served_bytes BIGINT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    stretches JSONB NOT NULL,
    downloaded BOOLEAN NOT NULL,
    live BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_listenings PRIMARY KEY (id),
    CONSTRAINT fk_listenings_call_id_recordings FOREIGN KEY(call_id) REFERENCES recordings (call_id),
    CONSTRAINT fk_listenings_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_listenings_account_id ON listenings (account_id);
CREATE INDEX ix_listenings_call_id ON listenings (call_id);
CREATE INDEX ix_listenings_open ON listenings (last_heard_at) WHERE ended_at IS NULL;

-- EVALUATIONS
-- Evaluations (检查评价): who judges which call, what he wrote, what counts, and who checks the reviewers.

-- On a node: a submitted evaluation of one of its calls as headquarters sent it, the latest version of it.
--
-- `received` is what `messages.SentEvaluation` holds. The call may be missing here: a node that was rebuilt has
-- none of before.
CREATE TABLE evaluation_copies (
    evaluation_id UUID NOT NULL,
    call_id UUID NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    score INTEGER NOT NULL,
    grade VARCHAR(32) NOT NULL,
    counts BOOLEAN,
    received JSONB NOT NULL,
    CONSTRAINT pk_evaluation_copies PRIMARY KEY (evaluation_id),
    CONSTRAINT ck_evaluation_copies_grade CHECK (grade IN ('excellent', 'good', 'pass', 'fail'))
);
CREATE INDEX ix_evaluation_copies_call_id ON evaluation_copies (call_id);
CREATE INDEX ix_evaluation_copies_submitted_at ON evaluation_copies (submitted_at);

-- One reviewer's scored judgement of one recording (检查评价), from the moment it is taken in hand.
--
-- A ticket has one, whoever takes it, and an evaluation at most one re-score. `reviewer_id` is who has it in
-- hand until `held_until`, and, once it is submitted, who judged; until it counts, another may judge a ticket in
-- his place when he goes silent. `counted_at` is when it came to count for the quota; `heard_s` what its reviewer
-- had heard by then of `duration_s`. `drawn_at` is when its draw was made. `set_aside_at`: an appeal against it
-- was upheld, and since then nothing rests on it; that the call was reviewed counts for the quota still.
CREATE TABLE evaluations (
    id UUID NOT NULL,
    kind VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    call_id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    ticket_id UUID,
    tier VARCHAR(32),
    rescore_of UUID,
    scorecard_id UUID NOT NULL,
    reviewer_id UUID,
    held_until TIMESTAMP WITH TIME ZONE,
    drawn_at TIMESTAMP WITH TIME ZONE,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE,
    counted_at TIMESTAMP WITH TIME ZONE,
    set_aside_at TIMESTAMP WITH TIME ZONE,
    heard_s DOUBLE PRECISION NOT NULL,
    duration_s DOUBLE PRECISION NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_evaluations PRIMARY KEY (id),
    CONSTRAINT ck_evaluations_ticket_of_kind CHECK ((kind = 'ticket') = (ticket_id IS NOT NULL)),
    CONSTRAINT ck_evaluations_tier_of_kind CHECK ((kind = 'ticket') = (tier IS NOT NULL)),
    CONSTRAINT ck_evaluations_rescore_of_kind CHECK ((kind = 'rescore') = (rescore_of IS NOT NULL)),
    CONSTRAINT ck_evaluations_submitted_of_state CHECK ((state = 'draft') = (submitted_at IS NULL)),
    CONSTRAINT ck_evaluations_reviewer_of_state CHECK (state = 'draft' OR reviewer_id IS NOT NULL),
    CONSTRAINT ck_evaluations_set_aside_of_state CHECK (set_aside_at IS NULL OR state <> 'draft'),
    CONSTRAINT ck_evaluations_only_tickets_count CHECK (counted_at IS NULL OR kind = 'ticket'),
    CONSTRAINT ck_evaluations_evaluation_kind CHECK (kind IN ('ticket', 'directed', 'rescore')),
    CONSTRAINT ck_evaluations_evaluation_state CHECK (state IN ('draft', 'submitted', 'amended')),
    CONSTRAINT fk_evaluations_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT uq_evaluations_ticket_id UNIQUE (ticket_id),
    CONSTRAINT fk_evaluations_ticket_id_tickets FOREIGN KEY(ticket_id) REFERENCES tickets (id),
    CONSTRAINT ck_evaluations_evaluation_tier CHECK (tier IN ('office', 'hq')),
    CONSTRAINT uq_evaluations_rescore_of UNIQUE (rescore_of),
    CONSTRAINT fk_evaluations_rescore_of_evaluations FOREIGN KEY(rescore_of) REFERENCES evaluations (id),
    CONSTRAINT fk_evaluations_scorecard_id_scorecards FOREIGN KEY(scorecard_id) REFERENCES scorecards (id),
    CONSTRAINT fk_evaluations_reviewer_id_accounts FOREIGN KEY(reviewer_id) REFERENCES accounts (id)
);
CREATE INDEX ix_evaluations_call_id ON evaluations (call_id);
CREATE INDEX ix_evaluations_office_code_submitted_at_id ON evaluations (office_code, submitted_at, id);
CREATE INDEX ix_evaluations_reviewer_id_state ON evaluations (reviewer_id, state);
CREATE INDEX ix_evaluations_submitted_at_id ON evaluations (submitted_at, id);
CREATE UNIQUE INDEX uq_evaluations_directed_draft ON evaluations (call_id, reviewer_id) WHERE kind = 'directed'
        AND state = 'draft';

-- What one person has written of an evaluation so far. Another's is a row of its own: none is lost.
CREATE TABLE evaluation_drafts (
    evaluation_id UUID NOT NULL,
    account_id UUID NOT NULL,
    content JSONB NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_evaluation_drafts PRIMARY KEY (evaluation_id, account_id),
    CONSTRAINT fk_evaluation_drafts_evaluation_id_evaluations FOREIGN KEY(evaluation_id) REFERENCES evaluations
        (id),
    CONSTRAINT fk_evaluation_drafts_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (id)
);

-- What a second window of the same person wrote while the draft went on elsewhere: kept, not mixed in.
CREATE TABLE evaluation_texts_set_aside (
    evaluation_id UUID NOT NULL,
    account_id UUID NOT NULL,
    window_id UUID NOT NULL,
    content JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evaluation_texts_set_aside PRIMARY KEY (evaluation_id, account_id, window_id),
    CONSTRAINT fk_evaluation_texts_set_aside_evaluation_id_evaluations FOREIGN KEY(evaluation_id) REFERENCES
        evaluations (id),
    CONSTRAINT fk_evaluation_texts_set_aside_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts
        (id)
);

-- One submitted version of an evaluation, never changed: the first, or an amendment with author and reason.
--
-- `in_place`: by somebody who took the call over, since who judged it before him had heard too little.
CREATE TABLE judgements (
    id UUID NOT NULL,
    evaluation_id UUID NOT NULL,
    n INTEGER NOT NULL,
    author_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason VARCHAR(500) NOT NULL,
    in_place BOOLEAN DEFAULT false NOT NULL,
    score INTEGER NOT NULL,
    grade VARCHAR(32) NOT NULL,
    critical_failed BOOLEAN NOT NULL,
    remark VARCHAR(1000) NOT NULL,
    CONSTRAINT pk_judgements PRIMARY KEY (id),
    CONSTRAINT uq_judgements_evaluation_id_n UNIQUE (evaluation_id, n),
    CONSTRAINT ck_judgements_reason_of_amendment CHECK ((n = 1) = (reason = '')),
    CONSTRAINT fk_judgements_evaluation_id_evaluations FOREIGN KEY(evaluation_id) REFERENCES evaluations (id),
    CONSTRAINT fk_judgements_author_id_accounts FOREIGN KEY(author_id) REFERENCES accounts (id),
    CONSTRAINT ck_judgements_grade CHECK (grade IN ('excellent', 'good', 'pass', 'fail'))
);
CREATE FUNCTION judgements_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$;
CREATE TRIGGER judgements_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON judgements FOR EACH STATEMENT EXECUTE FUNCTION judgements_refuse();

-- A breach, a good example or a remark at a second of the recording (问题), as one judgement has it.
--
-- `key` stays the same through every amendment. `by_rule`: a failed critical criterion opened it by itself.
CREATE TABLE findings (
    id UUID NOT NULL,
    judgement_id UUID NOT NULL,
    key UUID NOT NULL,
    at_s DOUBLE PRECISION NOT NULL,
    kind VARCHAR(32) NOT NULL,
    category VARCHAR(32) NOT NULL,
    text VARCHAR(1000) NOT NULL,
    clause_id UUID,
    criterion_id UUID,
    by_rule BOOLEAN NOT NULL,
    CONSTRAINT pk_findings PRIMARY KEY (id),
    CONSTRAINT uq_findings_judgement_id_key UNIQUE (judgement_id, key),
    CONSTRAINT fk_findings_judgement_id_judgements FOREIGN KEY(judgement_id) REFERENCES judgements (id),
    CONSTRAINT fk_findings_clause_id_regulation_clauses FOREIGN KEY(clause_id) REFERENCES regulation_clauses
        (id),
    CONSTRAINT fk_findings_criterion_id_criteria FOREIGN KEY(criterion_id) REFERENCES criteria (id)
);
CREATE FUNCTION findings_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$;
CREATE TRIGGER findings_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON findings FOR EACH STATEMENT EXECUTE FUNCTION findings_refuse();

-- The points of one criterion in one judgement, or that it did not apply to the call.
CREATE TABLE marks (
    judgement_id UUID NOT NULL,
    criterion_id UUID NOT NULL,
    points INTEGER,
    not_applicable BOOLEAN DEFAULT false NOT NULL,
    critical_failed BOOLEAN NOT NULL,
    remark VARCHAR(1000) NOT NULL,
    CONSTRAINT pk_marks PRIMARY KEY (judgement_id, criterion_id),
    CONSTRAINT ck_marks_points_where_applicable CHECK (not_applicable = (points IS NULL)),
    CONSTRAINT fk_marks_judgement_id_judgements FOREIGN KEY(judgement_id) REFERENCES judgements (id),
    CONSTRAINT fk_marks_criterion_id_criteria FOREIGN KEY(criterion_id) REFERENCES criteria (id)
);
CREATE FUNCTION marks_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was submitted is never changed'; END $$;
CREATE TRIGGER marks_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON marks FOR EACH STATEMENT EXECUTE FUNCTION marks_refuse();

-- QUOTAS
-- Quotas: of each office and period how many were to be reviewed, how many are, and who is reminded.

-- One day's reminder of one draw's quota; `remaining` is how many tickets were still to be done.
CREATE TABLE reminders (
    draw_id UUID NOT NULL,
    day DATE NOT NULL,
    urgency VARCHAR(32) NOT NULL,
    remaining INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_reminders PRIMARY KEY (draw_id, day),
    CONSTRAINT fk_reminders_draw_id_draws FOREIGN KEY(draw_id) REFERENCES draws (id),
    CONSTRAINT ck_reminders_urgency CHECK (urgency IN ('met', 'in_time', 'due_soon', 'overdue'))
);

-- DISCIPLINE
-- Discipline and commendation (责任追究、表彰奖励), and appeals against them and against judgements (申诉).

-- On a node: that there is a decided record about one of its people (`messages.SentRecord`).
CREATE TABLE discipline_record_copies (
    record_id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    person_id UUID NOT NULL,
    state VARCHAR(32) NOT NULL,
    received JSONB NOT NULL,
    CONSTRAINT pk_discipline_record_copies PRIMARY KEY (record_id),
    CONSTRAINT ck_discipline_record_copies_record_copy_state CHECK (state IN ('proposed', 'withdrawn',
        'declined', 'notified', 'confirmed', 'appealed', 'maintained', 'revoked'))
);
CREATE INDEX ix_discipline_record_copies_person_id_state ON discipline_record_copies (person_id, state);

-- Up to which entry of the audit log people were told of judgements: one row.
CREATE TABLE judgement_notice_positions (
    id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    CONSTRAINT pk_judgement_notice_positions PRIMARY KEY (id)
);

-- A discipline record (责任追究) or a commendation (表彰奖励) of one person.
--
-- `points` is what its kind took or gave when it was proposed. `due_on`: by when it must be decided;
-- `appeal_until`: the last day for an appeal. `ended_why`: why it was withdrawn or revoked; where it fell with an
-- upheld appeal (`fell_by_appeal`), that one's number.
CREATE TABLE discipline_records (
    id UUID NOT NULL,
    side VARCHAR(32) NOT NULL,
    year INTEGER NOT NULL,
    n INTEGER NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    person_id UUID NOT NULL,
    consequence_id UUID NOT NULL,
    clause_id UUID NOT NULL,
    points INTEGER NOT NULL,
    reason VARCHAR(2000) NOT NULL,
    state VARCHAR(32) NOT NULL,
    proposed_by UUID NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    decided_by UUID,
    decided_at TIMESTAMP WITH TIME ZONE,
    decision_note VARCHAR(1000) NOT NULL,
    appeal_until DATE,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_why VARCHAR(1000) NOT NULL,
    fell_by_appeal BOOLEAN NOT NULL,
    reminded_on DATE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_discipline_records PRIMARY KEY (id),
    CONSTRAINT uq_discipline_records_side_year_n UNIQUE (side, year, n),
    CONSTRAINT ck_discipline_records_decider CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT ck_discipline_records_two_people CHECK (decided_by IS NULL OR decided_by <> proposed_by),
    CONSTRAINT ck_discipline_records_not_about_the_proposer CHECK (person_id <> proposed_by),
    CONSTRAINT ck_discipline_records_not_about_the_decider CHECK (decided_by IS NULL OR decided_by <>
        person_id),
    CONSTRAINT ck_discipline_records_record_side CHECK (side IN ('discipline', 'commendation')),
    CONSTRAINT fk_discipline_records_person_id_accounts FOREIGN KEY(person_id) REFERENCES accounts (id),
    CONSTRAINT fk_discipline_records_consequence_id_regulation_consequences FOREIGN KEY(consequence_id)
        REFERENCES regulation_consequences (id),
    CONSTRAINT fk_discipline_records_clause_id_regulation_clauses FOREIGN KEY(clause_id) REFERENCES
        regulation_clauses (id),
    CONSTRAINT ck_discipline_records_record_state CHECK (state IN ('proposed', 'withdrawn', 'declined',
        'notified', 'confirmed', 'appealed', 'maintained', 'revoked')),
    CONSTRAINT fk_discipline_records_proposed_by_accounts FOREIGN KEY(proposed_by) REFERENCES accounts (id),
    CONSTRAINT fk_discipline_records_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id)
);
CREATE INDEX ix_discipline_records_office_code_state ON discipline_records (office_code, state);
CREATE INDEX ix_discipline_records_person_id_state ON discipline_records (person_id, state);
CREATE INDEX ix_discipline_records_proposed_at_id ON discipline_records (proposed_at, id);

-- An appeal (申诉) against one judgement or one record; there is at most one against each.
--
-- `at_s`: the second of the recording that it is about. `due_on`: by when it must be decided.
CREATE TABLE appeals (
    id UUID NOT NULL,
    year INTEGER NOT NULL,
    n INTEGER NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    person_id UUID NOT NULL,
    record_id UUID,
    judgement_id UUID,
    evaluation_id UUID,
    text VARCHAR(2000) NOT NULL,
    at_s DOUBLE PRECISION,
    filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    state VARCHAR(32) NOT NULL,
    decided_by UUID,
    ended_at TIMESTAMP WITH TIME ZONE,
    reason VARCHAR(2000) NOT NULL,
    remedy VARCHAR(32),
    reminded_on DATE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_appeals PRIMARY KEY (id),
    CONSTRAINT uq_appeals_year_n UNIQUE (year, n),
    CONSTRAINT ck_appeals_one_target CHECK ((record_id IS NULL) <> (judgement_id IS NULL)),
    CONSTRAINT ck_appeals_evaluation_of_judgement CHECK ((evaluation_id IS NULL) = (judgement_id IS NULL)),
    CONSTRAINT ck_appeals_not_about_the_decider CHECK (decided_by IS NULL OR decided_by <> person_id),
    CONSTRAINT ck_appeals_decider CHECK ((state IN ('dismissed', 'upheld')) = (decided_by IS NOT NULL)),
    CONSTRAINT fk_appeals_person_id_accounts FOREIGN KEY(person_id) REFERENCES accounts (id),
    CONSTRAINT uq_appeals_record_id UNIQUE (record_id),
    CONSTRAINT fk_appeals_record_id_discipline_records FOREIGN KEY(record_id) REFERENCES discipline_records
        (id),
    CONSTRAINT uq_appeals_judgement_id UNIQUE (judgement_id),
    CONSTRAINT fk_appeals_judgement_id_judgements FOREIGN KEY(judgement_id) REFERENCES judgements (id),
    CONSTRAINT fk_appeals_evaluation_id_evaluations FOREIGN KEY(evaluation_id) REFERENCES evaluations (id),
    CONSTRAINT ck_appeals_appeal_state CHECK (state IN ('open', 'retracted', 'dismissed', 'upheld', 'moot')),
    CONSTRAINT fk_appeals_decided_by_accounts FOREIGN KEY(decided_by) REFERENCES accounts (id),
    CONSTRAINT ck_appeals_appeal_remedy CHECK (remedy IN ('amended', 'set_aside'))
);
CREATE INDEX ix_appeals_evaluation_id_state ON appeals (evaluation_id, state);
CREATE INDEX ix_appeals_filed_at_id ON appeals (filed_at, id);
CREATE INDEX ix_appeals_person_id ON appeals (person_id);
CREATE INDEX ix_appeals_state ON appeals (state);

-- A judgement that a record rests on, with what it said and the hashes of the recording at that time.
CREATE TABLE discipline_grounds (
    id UUID NOT NULL,
    record_id UUID NOT NULL,
    n INTEGER NOT NULL,
    evaluation_id UUID NOT NULL,
    judgement_id UUID NOT NULL,
    call_id UUID NOT NULL,
    score INTEGER NOT NULL,
    pcm_sha256 VARCHAR(64) NOT NULL,
    flac_sha256 VARCHAR(64) NOT NULL,
    CONSTRAINT pk_discipline_grounds PRIMARY KEY (id),
    CONSTRAINT uq_discipline_grounds_record_id_n UNIQUE (record_id, n),
    CONSTRAINT uq_discipline_grounds_record_id_evaluation_id UNIQUE (record_id, evaluation_id),
    CONSTRAINT fk_discipline_grounds_record_id_discipline_records FOREIGN KEY(record_id) REFERENCES
        discipline_records (id),
    CONSTRAINT fk_discipline_grounds_evaluation_id_evaluations FOREIGN KEY(evaluation_id) REFERENCES evaluations
        (id),
    CONSTRAINT fk_discipline_grounds_judgement_id_judgements FOREIGN KEY(judgement_id) REFERENCES judgements
        (id),
    CONSTRAINT fk_discipline_grounds_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id)
);
CREATE INDEX ix_discipline_grounds_call_id ON discipline_grounds (call_id);
CREATE INDEX ix_discipline_grounds_evaluation_id ON discipline_grounds (evaluation_id);

-- That a person was told of a judgement of a call that he answered, and when he said that he has read it.
CREATE TABLE judgement_notices (
    judgement_id UUID NOT NULL,
    evaluation_id UUID NOT NULL,
    person_id UUID NOT NULL,
    notified_at TIMESTAMP WITH TIME ZONE NOT NULL,
    appeal_until DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_judgement_notices PRIMARY KEY (judgement_id),
    CONSTRAINT fk_judgement_notices_judgement_id_judgements FOREIGN KEY(judgement_id) REFERENCES judgements
        (id),
    CONSTRAINT fk_judgement_notices_evaluation_id_evaluations FOREIGN KEY(evaluation_id) REFERENCES evaluations
        (id),
    CONSTRAINT fk_judgement_notices_person_id_accounts FOREIGN KEY(person_id) REFERENCES accounts (id)
);
CREATE INDEX ix_judgement_notices_evaluation_id ON judgement_notices (evaluation_id);
CREATE INDEX ix_judgement_notices_notified_at_judgement_id ON judgement_notices (notified_at, judgement_id);
CREATE INDEX ix_judgement_notices_person_id_read_at ON judgement_notices (person_id, read_at);

-- FINDINGS
-- Findings and their treatment: education or criticism of the person, and what keeps it from happening again.

-- Up to which entry of the audit log findings were looked at: one row.
CREATE TABLE finding_positions (
    id INTEGER NOT NULL,
    n BIGINT NOT NULL,
    CONSTRAINT pk_finding_positions PRIMARY KEY (id)
);

-- A breach in the latest version of an evaluation, and what is done about it.
--
-- `key` is the finding's, which stays through all versions of the evaluation. `drawn`: in a drawn call, so that
-- it counts for watches and early signs; what a person chose to check does not. `state` follows from the rest
-- (`rules.standing`) and is kept for lists. `declined_by`: who did not agree last that nothing is needed.
-- `counted_from`: from which day on its treatment is awaited; `due_on` follows from it and the calendar.
CREATE TABLE treatments (
    id UUID NOT NULL,
    evaluation_id UUID NOT NULL,
    key UUID NOT NULL,
    call_id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    person_id UUID,
    category VARCHAR(32) NOT NULL,
    text VARCHAR(1000) NOT NULL,
    at_s DOUBLE PRECISION NOT NULL,
    drawn BOOLEAN NOT NULL,
    found_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counted_from DATE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    state VARCHAR(32) NOT NULL,
    measure VARCHAR(32),
    measure_text VARCHAR(1000) NOT NULL,
    measure_by UUID,
    measure_at TIMESTAMP WITH TIME ZONE,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    prevention VARCHAR(32),
    prevention_text VARCHAR(1000) NOT NULL,
    prevention_by UUID,
    prevention_at TIMESTAMP WITH TIME ZONE,
    agreed_by UUID,
    agreed_at TIMESTAMP WITH TIME ZONE,
    declined_by UUID,
    version INTEGER NOT NULL,
    CONSTRAINT pk_treatments PRIMARY KEY (id),
    CONSTRAINT uq_treatments_evaluation_id_key UNIQUE (evaluation_id, key),
    CONSTRAINT ck_treatments_author_of_measure CHECK ((measure IS NULL) = (measure_by IS NULL)),
    CONSTRAINT ck_treatments_author_of_prevention CHECK ((prevention IS NULL) = (prevention_by IS NULL)),
    CONSTRAINT fk_treatments_evaluation_id_evaluations FOREIGN KEY(evaluation_id) REFERENCES evaluations (id),
    CONSTRAINT fk_treatments_call_id_calls FOREIGN KEY(call_id) REFERENCES calls (id),
    CONSTRAINT fk_treatments_person_id_accounts FOREIGN KEY(person_id) REFERENCES accounts (id),
    CONSTRAINT ck_treatments_treatment_state CHECK (state IN ('open', 'awaiting_agreement',
        'awaiting_confirmation', 'treated', 'gone')),
    CONSTRAINT fk_treatments_measure_by_accounts FOREIGN KEY(measure_by) REFERENCES accounts (id),
    CONSTRAINT ck_treatments_prevention CHECK (prevention IN ('measure', 'rectification', 'none_needed')),
    CONSTRAINT fk_treatments_prevention_by_accounts FOREIGN KEY(prevention_by) REFERENCES accounts (id),
    CONSTRAINT fk_treatments_agreed_by_accounts FOREIGN KEY(agreed_by) REFERENCES accounts (id),
    CONSTRAINT fk_treatments_declined_by_accounts FOREIGN KEY(declined_by) REFERENCES accounts (id)
);
CREATE INDEX ix_treatments_office_code_category_found_at ON treatments (office_code, category, found_at);
CREATE INDEX ix_treatments_person_id ON treatments (person_id);
CREATE INDEX ix_treatments_state_due_on ON treatments (state, due_on);

-- RECTIFICATION
-- Rectification (整改): a notice from findings, the reply, its verification, and the watch after it is closed.

-- On a node: a notice to its office as headquarters sent it last (`messages.SentRectification`).
CREATE TABLE rectification_copies (
    rectification_id UUID NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_on DATE NOT NULL,
    state VARCHAR(32) NOT NULL,
    addressee_id UUID,
    received JSONB NOT NULL,
    CONSTRAINT pk_rectification_copies PRIMARY KEY (rectification_id),
    CONSTRAINT ck_rectification_copies_rectification_copy_state CHECK (state IN ('open', 'returned', 'reopened',
        'answered', 'verified', 'closed', 'withdrawn'))
);
CREATE INDEX ix_rectification_copies_issued_at ON rectification_copies (issued_at);

-- A notice: what is to be put right, by whom and until when. Its number in the register is year and `n`.
--
-- `days`: how many working days are given, from `counted_from` on, to whose turn it is: for the reply, then to
-- the issuer's side; `due_on` follows from them and the calendar. `watch_ends_at`: of a closed one.
-- `recurred`: how often the watch reopened it; `closed_by` stays then, since who closed it must not answer it.
-- `reason`: why it was withdrawn.
CREATE TABLE rectifications (
    id UUID NOT NULL,
    year INTEGER NOT NULL,
    n INTEGER NOT NULL,
    party VARCHAR(32) NOT NULL,
    office_code VARCHAR(8) NOT NULL,
    addressee_id UUID,
    demand VARCHAR(2000) NOT NULL,
    days INTEGER NOT NULL,
    counted_from DATE NOT NULL,
    due_on DATE NOT NULL,
    provisional BOOLEAN NOT NULL,
    state VARCHAR(32) NOT NULL,
    issued_by UUID NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_by UUID,
    closed_at TIMESTAMP WITH TIME ZONE,
    watch_ends_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by UUID,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    reason VARCHAR(1000) NOT NULL,
    recurred INTEGER NOT NULL,
    reminded_on DATE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_rectifications PRIMARY KEY (id),
    CONSTRAINT uq_rectifications_year_n UNIQUE (year, n),
    CONSTRAINT ck_rectifications_addressee_of_party CHECK ((party = 'office') = (addressee_id IS NOT NULL)),
    CONSTRAINT ck_rectifications_closed_of_state CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT ck_rectifications_watch_of_closed CHECK ((closed_at IS NULL) = (watch_ends_at IS NULL)),
    CONSTRAINT ck_rectifications_withdrawn_of_state CHECK ((state = 'withdrawn') = (withdrawn_by IS NOT NULL)),
    CONSTRAINT ck_rectifications_rectification_party CHECK (party IN ('office', 'hq')),
    CONSTRAINT fk_rectifications_addressee_id_accounts FOREIGN KEY(addressee_id) REFERENCES accounts (id),
    CONSTRAINT ck_rectifications_rectification_state CHECK (state IN ('open', 'returned', 'reopened',
        'answered', 'verified', 'closed', 'withdrawn')),
    CONSTRAINT fk_rectifications_issued_by_accounts FOREIGN KEY(issued_by) REFERENCES accounts (id),
    CONSTRAINT fk_rectifications_closed_by_accounts FOREIGN KEY(closed_by) REFERENCES accounts (id),
    CONSTRAINT fk_rectifications_withdrawn_by_accounts FOREIGN KEY(withdrawn_by) REFERENCES accounts (id)
);
CREATE INDEX ix_rectifications_addressee_id ON rectifications (addressee_id);
CREATE INDEX ix_rectifications_issued_at_id ON rectifications (issued_at, id);
CREATE INDEX ix_rectifications_office_code_state ON rectifications (office_code, state);
CREATE INDEX ix_rectifications_state_due_on ON rectifications (state, due_on);

-- A reply: what is put right now, and what keeps it from happening again; then what is said of it.
CREATE TABLE rectification_replies (
    id UUID NOT NULL,
    rectification_id UUID NOT NULL,
    n INTEGER NOT NULL,
    now_done VARCHAR(2000) NOT NULL,
    prevention VARCHAR(2000) NOT NULL,
    author_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_on DATE NOT NULL,
    verdict VARCHAR(32),
    note VARCHAR(1000) NOT NULL,
    judged_by UUID,
    judged_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_rectification_replies PRIMARY KEY (id),
    CONSTRAINT uq_rectification_replies_rectification_id_n UNIQUE (rectification_id, n),
    CONSTRAINT ck_rectification_replies_judge_of_verdict CHECK ((verdict IS NULL) = (judged_by IS NULL)),
    CONSTRAINT ck_rectification_replies_two_people CHECK (judged_by IS NULL OR judged_by <> author_id),
    CONSTRAINT fk_rectification_replies_rectification_id_rectifications FOREIGN KEY(rectification_id) REFERENCES
        rectifications (id),
    CONSTRAINT fk_rectification_replies_author_id_accounts FOREIGN KEY(author_id) REFERENCES accounts (id),
    CONSTRAINT ck_rectification_replies_rectification_verdict CHECK (verdict IN ('returned', 'verified')),
    CONSTRAINT fk_rectification_replies_judged_by_accounts FOREIGN KEY(judged_by) REFERENCES accounts (id)
);

-- A file of a reply; its bytes lie under their hash.
CREATE TABLE rectification_attachments (
    id UUID NOT NULL,
    reply_id UUID NOT NULL,
    n INTEGER NOT NULL,
    name VARCHAR(128) NOT NULL,
    media VARCHAR(32) NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    CONSTRAINT pk_rectification_attachments PRIMARY KEY (id),
    CONSTRAINT uq_rectification_attachments_reply_id_n UNIQUE (reply_id, n),
    CONSTRAINT fk_rectification_attachments_reply_id_rectification_replies FOREIGN KEY(reply_id) REFERENCES
        rectification_replies (id)
);

-- A finding that a notice is about; `recurred`: the watch found it after the notice was closed.
--
-- `category`: as it was then. The evaluation may be amended later, by a leader of the office that is watched.
CREATE TABLE rectification_findings (
    rectification_id UUID NOT NULL,
    treatment_id UUID NOT NULL,
    category VARCHAR(32) NOT NULL,
    recurred BOOLEAN NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_rectification_findings PRIMARY KEY (rectification_id, treatment_id),
    CONSTRAINT fk_rectification_findings_rectification_id_rectifications FOREIGN KEY(rectification_id)
        REFERENCES rectifications (id),
    CONSTRAINT fk_rectification_findings_treatment_id_treatments FOREIGN KEY(treatment_id) REFERENCES treatments
        (id)
);
CREATE INDEX ix_rectification_findings_treatment_id ON rectification_findings (treatment_id);
