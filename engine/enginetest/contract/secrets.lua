call:answer()
call:set("KEY", secrets.get("partner_key"))
call:set("SAME", tostring(secrets.get("partner_key") == secrets.get("partner_key")))
