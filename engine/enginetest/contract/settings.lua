call:answer()
call:set("SALES", config.get("operators.sales"))
call:set("SUPPORT", config.get("operators.support", "none"))
