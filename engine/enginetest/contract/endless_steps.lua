call:answer()
while true do
  pcall(log.debug, "again")
end
