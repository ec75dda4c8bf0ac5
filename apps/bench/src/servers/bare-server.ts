import { createBareListener } from "./bare/listener.js";
import { openStore } from "./bare/store.js";
import { serve } from "./http.js";

serve(createBareListener(openStore()));
