call:play("sub-menu")
