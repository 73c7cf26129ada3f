-- Who is called, all at once.
return { "PJSIP/anna", "PJSIP/ben", "PJSIP/carla" }
