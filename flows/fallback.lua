-- What a caller hears when a flow has failed. The call then goes on in the dialplan.

call:answer()
call:play("im-sorry")
