call:play("sorry")
