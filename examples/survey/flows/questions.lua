-- What is asked, in this order. Each is a column of answers, and the name of a prompt.
return { "service", "waiting", "solution" }
