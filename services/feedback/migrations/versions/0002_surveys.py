"""Surveys, sampling, invitations and their answers."""

import json
import secrets

from alembic import op
from sqlalchemy import text

from careline.business_time import create_business_time_table

revision = "0002"
down_revision = "0001"

STATEMENTS = """
-- Buckets of the public endpoints. The key is a digest: nobody's address is kept.
CREATE UNLOGGED TABLE public_rates (
    key bytea CONSTRAINT pk_public_rates PRIMARY KEY,
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL
);
CREATE INDEX ix_public_rates_refilled_at ON public_rates (refilled_at);
CREATE TABLE surveys (
    key text NOT NULL CONSTRAINT ck_surveys_key CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
    version integer NOT NULL CONSTRAINT ck_surveys_version CHECK (version > 0),
    title jsonb NOT NULL,
    introduction jsonb NOT NULL,
    questions jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    -- The person who wrote it; nobody for the one that is shipped.
    created_by text,
    CONSTRAINT pk_surveys PRIMARY KEY (key, version)
);
-- When a score is low enough that the customer's case is opened again by itself.
CREATE TABLE low_score_rules (
    id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_low_score_rules PRIMARY KEY,
    survey_key text NOT NULL,
    scale text NOT NULL CONSTRAINT ck_low_score_rules_scale CHECK (scale IN ('csat', 'nps', 'ces')),
    at_most smallint NOT NULL,
    -- A wish that must have been answered so as well, or none.
    wish_question text,
    wish_value text,
    severity text NOT NULL CONSTRAINT ck_low_score_rules_severity CHECK (severity IN ('minor', 'major')),
    active boolean NOT NULL,
    CONSTRAINT uq_low_score_rules_survey_key UNIQUE NULLS NOT DISTINCT (survey_key, scale, wish_question, wish_value),
    CONSTRAINT ck_low_score_rules_wish CHECK ((wish_question IS NULL) = (wish_value IS NULL))
);
CREATE TABLE sampling_policies (
    version integer CONSTRAINT pk_sampling_policies PRIMARY KEY,
    seed text NOT NULL CONSTRAINT ck_sampling_policies_seed CHECK (length(seed) >= 16),
    pause_days integer NOT NULL CONSTRAINT ck_sampling_policies_pause_days CHECK (pause_days BETWEEN 0 AND 3650),
    created_at timestamptz NOT NULL,
    created_by text,
    -- Nobody is asked how a matter went that was none.
    excluded_dispositions text[] NOT NULL
);
CREATE TABLE sampling_reasons (
    policy_version integer NOT NULL
        CONSTRAINT fk_sampling_reasons_policy_version REFERENCES sampling_policies,
    reason text NOT NULL CONSTRAINT ck_sampling_reasons_reason CHECK (reason IN ('interaction', 'visit', 'complaint')),
    survey_key text NOT NULL,
    wait_hours integer NOT NULL,
    within_hours integer NOT NULL,
    CONSTRAINT pk_sampling_reasons PRIMARY KEY (policy_version, reason),
    -- Asked within three days, while it is remembered.
    CONSTRAINT ck_sampling_reasons_hours CHECK (wait_hours >= 0 AND wait_hours < within_hours AND within_hours <= 72)
);
CREATE TABLE sampling_rates (
    policy_version integer NOT NULL CONSTRAINT fk_sampling_rates_policy_version REFERENCES sampling_policies,
    channel text NOT NULL,
    tier text NOT NULL,
    rate double precision NOT NULL CONSTRAINT ck_sampling_rates_rate CHECK (rate BETWEEN 0 AND 1),
    CONSTRAINT pk_sampling_rates PRIMARY KEY (policy_version, channel, tier)
);
CREATE TABLE samples (
    id uuid CONSTRAINT pk_samples PRIMARY KEY,
    reason text NOT NULL CONSTRAINT ck_samples_reason CHECK (reason IN ('interaction', 'visit', 'complaint')),
    -- The text of the interaction's or complaint's id: what the draw is made of.
    subject text NOT NULL CONSTRAINT uq_samples_subject UNIQUE,
    interaction_id uuid,
    complaint_id uuid,
    customer_id uuid,
    channel text NOT NULL,
    disposition text,
    closed_at timestamptz NOT NULL,
    -- A decision that waits for the profile's word on the customer is taken by one process at a time.
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    tier text,
    policy_version integer CONSTRAINT fk_samples_policy_version REFERENCES sampling_policies,
    rate double precision,
    draw double precision CONSTRAINT ck_samples_draw CHECK (draw >= 0 AND draw < 1),
    decision text CONSTRAINT ck_samples_decision
        CHECK (decision IN ('sampled', 'not_drawn', 'asked_recently', 'no_customer', 'too_late', 'excluded')),
    decided_at timestamptz,
    CONSTRAINT ck_samples_subject CHECK ((interaction_id IS NULL) <> (complaint_id IS NULL)),
    CONSTRAINT ck_samples_decided CHECK ((decision IS NULL) = (decided_at IS NULL)),
    CONSTRAINT ck_samples_waits CHECK ((decision IS NULL) = (next_try_at IS NOT NULL)),
    CONSTRAINT ck_samples_replay CHECK (decision <> 'sampled' OR (draw < rate AND policy_version IS NOT NULL)),
    CONSTRAINT ck_samples_not_drawn CHECK (decision <> 'not_drawn' OR draw >= rate)
);
CREATE INDEX ix_samples_next_try_at ON samples (next_try_at) WHERE decision IS NULL;
CREATE INDEX ix_samples_customer_id ON samples (customer_id, closed_at DESC);
CREATE INDEX ix_samples_closed_at ON samples (closed_at DESC, id DESC);
CREATE TABLE invitations (
    id uuid CONSTRAINT pk_invitations PRIMARY KEY,
    sample_id uuid NOT NULL CONSTRAINT fk_invitations_sample_id REFERENCES samples
        CONSTRAINT uq_invitations_sample_id UNIQUE,
    customer_id uuid NOT NULL,
    interaction_id uuid,
    complaint_id uuid,
    reason text NOT NULL,
    survey_key text NOT NULL,
    survey_version integer NOT NULL,
    channel text NOT NULL,
    tier text NOT NULL,
    language text NOT NULL,
    -- The random half of the link; its signature is made with a key that is not in the database.
    nonce bytea NOT NULL CONSTRAINT uq_invitations_nonce UNIQUE
        CONSTRAINT ck_invitations_nonce CHECK (length(nonce) = 16),
    invited_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    answer_until timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT ck_invitations_state CHECK (state IN ('invited', 'asked', 'not_asked', 'answered')),
    -- Why the question never reached the customer.
    not_asked_because text,
    version bigint NOT NULL,
    CONSTRAINT fk_invitations_survey_key FOREIGN KEY (survey_key, survey_version) REFERENCES surveys,
    CONSTRAINT ck_invitations_not_asked CHECK ((state = 'not_asked') = (not_asked_because IS NOT NULL)),
    CONSTRAINT ck_invitations_times CHECK (not_before <= not_after AND not_after <= answer_until)
);
CREATE INDEX ix_invitations_customer_id ON invitations (customer_id, invited_at DESC);
CREATE INDEX ix_invitations_invited_at ON invitations (invited_at DESC, id DESC);
-- One row a customer, locked by whoever would ask: nobody is asked twice within the pause.
CREATE TABLE askings (
    customer_id uuid CONSTRAINT pk_askings PRIMARY KEY,
    invitation_id uuid NOT NULL,
    asked_at timestamptz NOT NULL
);
CREATE TABLE attempts (
    invitation_id uuid NOT NULL CONSTRAINT fk_attempts_invitation_id REFERENCES invitations,
    number smallint NOT NULL CONSTRAINT ck_attempts_number CHECK (number BETWEEN 1 AND 5),
    -- The final disposition groups of AAPOR's Standard Definitions.
    disposition text NOT NULL CONSTRAINT ck_attempts_disposition
        CHECK (disposition IN ('I', 'P', 'R', 'NC', 'O', 'UH', 'UO')),
    note text,
    attempted_by text NOT NULL,
    attempted_at timestamptz NOT NULL,
    CONSTRAINT pk_attempts PRIMARY KEY (invitation_id, number)
);
CREATE TABLE answers (
    -- Once per invitation, however many pages, mails and agents send one at the same moment.
    invitation_id uuid CONSTRAINT pk_answers PRIMARY KEY
        CONSTRAINT fk_answers_invitation_id REFERENCES invitations,
    answers jsonb NOT NULL,
    -- The first answered question of each scale; a skipped one is NULL and in no denominator, zero is an answer.
    nps smallint CONSTRAINT ck_answers_nps CHECK (nps BETWEEN 0 AND 10),
    csat smallint CONSTRAINT ck_answers_csat CHECK (csat BETWEEN 1 AND 5),
    ces smallint CONSTRAINT ck_answers_ces CHECK (ces BETWEEN 1 AND 7),
    low boolean NOT NULL,
    channel text NOT NULL CONSTRAINT ck_answers_channel CHECK (channel IN ('link', 'mail', 'phone')),
    recorded_by text,
    answered_at timestamptz NOT NULL,
    CONSTRAINT ck_answers_recorded_by CHECK ((channel = 'phone') = (recorded_by IS NOT NULL))
);
CREATE INDEX ix_answers_answered_at ON answers (answered_at);
-- Which care item carries which invitation, as care says it.
CREATE TABLE care_references (
    care_id uuid CONSTRAINT pk_care_references PRIMARY KEY,
    invitation_id uuid NOT NULL
);
-- Replies to deliveries, until it is clear whether they answer a survey.
CREATE TABLE mail_replies (
    message_id uuid CONSTRAINT pk_mail_replies PRIMARY KEY,
    care_id uuid NOT NULL,
    interaction_id uuid,
    received_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    outcome text CONSTRAINT ck_mail_replies_outcome
        CHECK (outcome IN ('answered', 'no_score', 'already_answered', 'no_invitation', 'too_late', 'unreadable')),
    CONSTRAINT ck_mail_replies_waits CHECK ((outcome IS NULL) = (next_try_at IS NOT NULL))
);
CREATE INDEX ix_mail_replies_next_try_at ON mail_replies (next_try_at) WHERE outcome IS NULL;
CREATE TABLE invitation_transitions (
    before text NOT NULL,
    after text NOT NULL,
    CONSTRAINT pk_invitation_transitions PRIMARY KEY (before, after)
);
INSERT INTO invitation_transitions VALUES
    ('invited', 'asked'), ('invited', 'not_asked'), ('invited', 'answered'),
    ('asked', 'not_asked'), ('asked', 'answered');
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_' || TG_TABLE_NAME || '_immutable';
END $$
"""
IMMUTABLE = ("surveys", "sampling_policies", "sampling_reasons", "sampling_rates", "answers")

CHECK_TRANSITION = """
CREATE FUNCTION check_invitation_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM invitation_transitions WHERE before = OLD.state AND after = NEW.state) THEN
        RAISE EXCEPTION 'an invitation never goes from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_invitations_transition';
    END IF;
    RETURN NEW;
END $$
"""
TRANSITION_TRIGGER = """
CREATE TRIGGER invitations_transition BEFORE UPDATE OF state ON invitations
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION check_invitation_transition()
"""

TITLE = {"zh-CN": "您对我们的服务满意吗？", "en": "How did we do?"}
INTRODUCTION = {
    "zh-CN": "感谢您联系我们。请用一分钟回答几个问题。",
    "en": "Thank you for contacting us. Please take a minute for a few questions.",
}
QUESTIONS = [
    {
        "key": "satisfaction",
        "kind": "csat",
        "text": {
            "zh-CN": "您对这次服务满意吗？1 非常不满意，5 非常满意",
            "en": "How satisfied are you with our service this time? 1 very dissatisfied, 5 very satisfied",
        },
        "required": True,
        "choices": [],
        "next": [{"when": {"op": "le", "value": 2}, "goto": "reason"}, {"when": None, "goto": "recommend"}],
    },
    {
        "key": "reason",
        "kind": "choice",
        "text": {"zh-CN": "最让您不满意的是什么？", "en": "What disappointed you most?"},
        "required": False,
        "choices": [
            {"key": "solution", "text": {"zh-CN": "问题没有解决", "en": "It was not solved"}},
            {"key": "time", "text": {"zh-CN": "等待太久", "en": "It took too long"}},
            {"key": "manner", "text": {"zh-CN": "服务态度", "en": "How I was treated"}},
            {"key": "product", "text": {"zh-CN": "产品本身", "en": "The product itself"}},
            {"key": "other", "text": {"zh-CN": "其他", "en": "Something else"}},
        ],
        "next": [],
    },
    {
        "key": "recommend",
        "kind": "nps",
        "text": {
            "zh-CN": "您有多大可能向朋友推荐我们？0 绝不会，10 一定会",
            "en": "How likely are you to recommend us to a friend? 0 not at all, 10 extremely likely",
        },
        "required": False,
        "choices": [],
        "next": [{"when": {"op": "le", "value": 6}, "goto": "contact"}, {"when": None, "goto": "effort"}],
    },
    {
        "key": "contact",
        "kind": "choice",
        "text": {"zh-CN": "您希望我们就此联系您吗？", "en": "Would you like us to contact you about it?"},
        "required": False,
        "choices": [
            {"key": "yes", "text": {"zh-CN": "希望", "en": "Yes"}},
            {"key": "no", "text": {"zh-CN": "不用", "en": "No"}},
        ],
        "next": [],
    },
    {
        "key": "effort",
        "kind": "ces",
        "text": {
            "zh-CN": "“解决这件事很容易。”您同意吗？1 完全不同意，7 完全同意",
            "en": "“It was easy to get this done.” 1 strongly disagree, 7 strongly agree",
        },
        "required": False,
        "choices": [],
        "next": [],
    },
    {
        "key": "comment",
        "kind": "text",
        "text": {"zh-CN": "还有什么想告诉我们的？", "en": "Is there anything else you would like to tell us?"},
        "required": False,
        "choices": [],
        "next": [],
    },
]


def upgrade() -> None:
    """Create the tables, the first survey, its rules, and a policy that asks half of the customers, all gold ones."""
    create_business_time_table(op)
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(REFUSE_CHANGE)
    for table in IMMUTABLE:
        op.execute(
            f"CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(CHECK_TRANSITION)
    op.execute(TRANSITION_TRIGGER)
    connection = op.get_bind()
    connection.execute(
        text(
            "INSERT INTO surveys (key, version, title, introduction, questions, created_at)"
            " VALUES ('follow_up', 1, CAST(:title AS jsonb), CAST(:introduction AS jsonb),"
            " CAST(:questions AS jsonb), clock_timestamp())"
        ),
        {
            "title": json.dumps(TITLE, ensure_ascii=False),
            "introduction": json.dumps(INTRODUCTION, ensure_ascii=False),
            "questions": json.dumps(QUESTIONS, ensure_ascii=False),
        },
    )
    op.execute(
        "INSERT INTO low_score_rules (survey_key, scale, at_most, wish_question, wish_value, severity, active) VALUES"
        " ('follow_up', 'csat', 2, NULL, NULL, 'major', true), ('follow_up', 'nps', 6, 'contact', 'yes', 'minor', true)"
    )
    connection.execute(
        text("INSERT INTO sampling_policies VALUES (1, :seed, 30, clock_timestamp(), NULL, '{no_answer_needed,spam}')"),
        # Every installation draws differently; the seed is kept, so that each draw can be repeated.
        {"seed": secrets.token_hex(16)},
    )
    op.execute(
        "INSERT INTO sampling_reasons VALUES (1, 'interaction', 'follow_up', 1, 72),"
        " (1, 'visit', 'follow_up', 24, 72), (1, 'complaint', 'follow_up', 24, 72)"
    )
    op.execute(
        "INSERT INTO sampling_rates VALUES (1, '*', '*', 0.5), (1, '*', 'gold', 1), (1, 'in_person', '*', 1),"
        " (1, 'complaint', '*', 1)"
    )
