create table accounts (
  number  text primary key check (length(number) = 6),
  pin     text not null,          -- its digest, see pins.lua
  balance integer not null,       -- in cents
  adviser text                    -- whose phone rings, as in Dial(); null is nobody's in particular
) strict;

create table transactions (
  id      integer primary key,
  account text not null references accounts,
  day     text not null,          -- such as 2026-11-27
  amount  integer not null        -- in cents; below zero was paid, above was received
) strict;

create index transactions_by_account on transactions (account, day desc, id desc);
