export { setup } from "./testing/app/emulator-setup.js";
