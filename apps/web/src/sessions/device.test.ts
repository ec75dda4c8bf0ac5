import { describe, expect, it } from "vitest";
import { describeDevice } from "./device.js";

const webKit = "AppleWebKit/537.36 (KHTML, like Gecko)";
const iosWebKit = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const windows = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webKit}`;
const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const android = `Mozilla/5.0 (Linux; Android 10; K) ${webKit}`;
const iphone = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${iosWebKit}`;

describe("describeDevice", () => {
  it.each([
    ["Chrome on Windows", `${windows} Chrome/142.0.0.0 Safari/537.36`],
    [
      "Edge on Windows",
      `${windows} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`,
    ],
    [
      "Opera on Windows",
      `${windows} Chrome/142.0.0.0 Safari/537.36 OPR/126.0.0.0`,
    ],
    [
      "Firefox on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    ],
    ["Safari on Mac", `${mac} ${iosWebKit} Version/26.1 Safari/605.1.15`],
    ["Chrome on Mac", `${mac} ${webKit} Chrome/142.0.0.0 Safari/537.36`],
    ["Safari on iPhone", `${iphone} Version/26.0 Mobile/15E148 Safari/604.1`],
    [
      "Edge on iPhone",
      `${iphone} Version/18.0 EdgiOS/142.0.0.0 Mobile/15E148 Safari/605.1.15`,
    ],
    ["Firefox on iPhone", `${iphone} FxiOS/145.0 Mobile/15E148 Safari/604.1`],
    [
      "Safari on iPad",
      `Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) ${iosWebKit} Version/17.7 Mobile/15E148 Safari/604.1`,
    ],
    ["Chrome on Android", `${android} Chrome/142.0.0.0 Mobile Safari/537.36`],
    [
      "Samsung Internet on Android",
      `${android} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
    ],
    [
      "Chrome on ChromeOS",
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webKit} Chrome/142.0.0.0 Safari/537.36`,
    ],
    [
      "Chrome on Linux",
      `Mozilla/5.0 (X11; Linux x86_64) ${webKit} HeadlessChrome/142.0.0.0 Safari/537.36`,
    ],
    ["Unknown browser on Linux", "SomethingNew/1.0 (Linux)"],
    ["Unknown browser", "curl/8.5.0"],
    ["Unknown browser", ""],
    ["Unknown browser", null],
  ])("returns %s", (name, userAgent) => {
    expect(describeDevice(userAgent).name).toBe(name);
  });

  it("distinguishes phones from computers", () => {
    const phone = describeDevice(`${android} Chrome/142.0.0.0 Mobile Safari/1`);
    const computer = describeDevice(`${windows} Chrome/142.0.0.0 Safari/1`);

    expect([phone.isPhone, computer.isPhone]).toEqual([true, false]);
  });
});
