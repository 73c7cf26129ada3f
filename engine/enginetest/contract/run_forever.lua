call:run("run_forever")
