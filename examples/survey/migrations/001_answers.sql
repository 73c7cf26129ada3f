-- What callers have said: one row each and day. A question that was skipped is NULL, and so is the caller whose number
-- is not known, who may answer again.
create table answers (
  id         integer primary key,
  caller     text,
  day        text not null,
  language   text not null,
  service    integer check (service between 1 and 5),
  waiting    integer check (waiting between 1 and 5),
  solution   integer check (solution between 1 and 5),
  comment    text,               -- the name of the recording
  unique (caller, day)
);
