-- Tables of the clinic's line, for PostgreSQL, with a few rows to try it with:
--
--   createdb clinic && psql clinic -f schema.sql

create table patients (
  id       integer generated always as identity primary key,
  name     text not null,
  phone    text not null,   -- as it shows when they call; a family may have one
  birth    date not null,
  language text not null default 'pt_BR'
);
create index on patients (phone);

-- Every time a doctor has for somebody. Nobody has taken those without a patient.
create table appointments (
  id        integer generated always as identity primary key,
  doctor    text not null,  -- the recording with-… says the name
  starts    timestamptz not null,
  patient   integer references patients,
  confirmed boolean not null default false,
  unique (doctor, starts)
);
create index on appointments (starts) where patient is null;
create index on appointments (patient, starts);

insert into patients (name, phone, birth, language) values
  ('Ana Souza',   '11987654321', '1980-05-17', 'pt_BR'),
  ('Paul Miller', '11912345678', '1975-12-01', 'en'),
  ('Rita Lima',   '1133334444',  '1949-02-08', 'pt_BR'),  -- these two share a telephone
  ('José Lima',   '1133334444',  '1947-09-30', 'pt_BR');

-- The next two weeks, from eight to eleven. Ana comes the day after tomorrow at nine.
insert into appointments (doctor, starts)
select doctor, (current_date + day + hour) at time zone 'America/Sao_Paulo'
  from (values ('dr-costa'), ('dr-silva')) as doctors (doctor),
       generate_series(1, 14) as day,
       (values (interval '8 hours'), (interval '9 hours'), (interval '10 hours')) as hours (hour)
 order by day, hour, doctor;

update appointments
   set patient = (select id from patients where name = 'Ana Souza')
 where doctor = 'dr-costa' and starts = (current_date + 2 + interval '9 hours') at time zone 'America/Sao_Paulo';
