call:answer()
call:play { "welcome", say.digits("12*#"), say.number(12), say.characters("ab1") }
call:play { tone("ring", 0.6), silence(0.4), tone("425/200,0/200", 0.6) }
