-- The export: a row for each day and question, with how many rated it and how.
create view results as
with ratings (day, question, rating) as (
  select day, 'service', service from answers
  union all select day, 'waiting', waiting from answers
  union all select day, 'solution', solution from answers
)
select day, question, count(rating) as ratings, round(avg(rating), 2) as average,
       count(*) - count(rating) as skipped, count(*) filter (where rating <= 2) as unhappy
  from ratings
 group by day, question;
