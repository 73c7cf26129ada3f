-- Customers to try the line with. Their PINs are 8352, 9061 and 5917.
insert into accounts (number, pin, balance, adviser) values
  ('700142', '0ab9b4f8cc40f23a4dae5c1d56db3d614eddff4199f87a6bce46ae6630e3e3f1', 125040, 'PJSIP/anna'),
  ('700257', 'ff9f2187f3351f22b8e1d2dfffb0881eb5bb6b914e76737668e4e80618e43422', -3210, null),
  ('700361', 'cf9709bc72827abef97204b9f48a488da9a32d2bb21ecc307c4ac304386ae8a4', 0, null);

insert into transactions (account, day, amount) values
  ('700142', '2026-11-03', -20000),
  ('700142', '2026-11-20', 310000),
  ('700142', '2026-11-25', -8990),
  ('700142', '2026-11-25', -155970),
  ('700257', '2026-11-12', -3210);
