<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>AccountCard</name>
        <message>
            <source>Account</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ActivityPage</name>
        <message>
            <source>Activity</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All tools</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Any result</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancelled</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Clear filters</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connect a tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pause a tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Result</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Running</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Search</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sent again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} new</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} new requests, go to the top</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>↑ ↓ choose   Enter details   Del cancel</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>AddressField</name>
        <message>
            <source>Copy {name}</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ApprovalDialog</name>
        <message>
            <source>Ask before sending</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Don't send</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Send</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>CodeCard</name>
        <message>
            <source>Copy the code</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>CompanyAddress</name>
        <message>
            <source>GitHub address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Use this address</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ConnectPage</name>
        <message>
            <source>Connect</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Look again</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>CopyButton</name>
        <message>
            <source>Copied</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>CreditsCard</name>
        <message>
            <source>Credits this month</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Figures come with GitHub's first answer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub's figure holds everything the account did anywhere, and comes late. Ours is what went through this app, at once.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Why two?</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>DoctorPage</name>
        <message>
            <source>Check again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Doctor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Everything else</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The report holds no token, key, prompt or answer. Also as a command:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What needs you</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>FirstRunDialog</name>
        <message>
            <source>Welcome</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>FirstRunPicture</name>
        <message>
            <source>Agents</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Editors</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Editors, agents and your code go through this app to Copilot</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your code</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>KeysList</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Last used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Make key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name of the tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>New key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Replace</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Replace the key of {name}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Revoke</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Revoke the key of {name}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tool</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>LatelyCard</name>
        <message>
            <source>15 min ago</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests of the last 15 minutes</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>now</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>Base URL copied</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>MissesCard</name>
        <message>
            <source>When the cache did not help</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ModelCard</name>
        <message>
            <source>Copy id</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Enable…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stop waiting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Try it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Use in a tool</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ModelsPage</name>
        <message>
            <source>All</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Ask GitHub again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Clear search</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>On</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open Doctor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Search name or ability</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign in to GitHub</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Try again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which models</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>NewKeyCard</name>
        <message>
            <source>I have copied it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>New key</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>NothingFound</name>
        <message>
            <source>Clear search</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>Pages</name>
        <message>
            <source>Activity</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connect</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Doctor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Home</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Usage</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>Presenters</name>
        <message>
            <source> or </source>
            <translation type="unfinished" />
        </message>
        <message numerus="yes">
            <source>%n entr(ies) forgotten</source>
            <translation type="unfinished">
                <numerusform />
            </translation>
        </message>
        <message numerus="yes">
            <source>%n more tool(s), not found here</source>
            <translation type="unfinished">
                <numerusform />
            </translation>
        </message>
        <message numerus="yes">
            <source>%n request(s)</source>
            <translation type="unfinished">
                <numerusform />
            </translation>
        </message>
        <message>
            <source>1 h</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>1 of {count}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>1 request today, {credits} credits.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>1 request waits for your answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>1 waits for you</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>127.0.0.1 is this computer only. Others let your network in.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>15 min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>5 min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>7 days</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>90 days</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&lt; {seconds} s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A long answer may cost {credits} credits.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A number from {low} to {high}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A number.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A report without content is ready. It stays on this computer unless you send it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A whole number from {low} to {high}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A whole number.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Abilities</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>About {times} times your usual request.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add an extension that shows them, or use: g-copilot-proxy open</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add this model to its settings, below “models:”</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add this model to the file in the folder that `llm logs path` names</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add this provider to its settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add this to Zed's settings (command palette: “zed: open settings”)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add this to its settings; the first two lines belong at the top of the file</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Address to listen on</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Advanced</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>After that GitHub counts as out of reach.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All tools</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All {fine} are fine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Allow other computers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Allow {more} more</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>An entry under our name exists that is not ours.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>An unknown tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Another tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Answered</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Anthropic base URL</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Anyone on your network with a key could spend your credits. Requires a key.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Appearance</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>As origins, such as https://example.com. Separate them by commas.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>As the system</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Ask before each request</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Ask before sending</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Ask it something</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Asked for</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Asking GitHub for a code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Asking GitHub for the models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Asking the keychain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>At this pace: about {credits} by the reset</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Back</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Business</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cache</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cache hits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cached</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancel a request</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancel the request</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancel the request of {tool}?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancelled</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cannot use the proxy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Change budget</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Checked {time}, took {seconds}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Checking</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Choose “Copilot” in Continue's list of models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Client id</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Close</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Closes unsent in {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Closing connections</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connect a tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connect a tool…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Continue</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copilot {plan}, {host}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copilot {plan}. This window closes by itself.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy base URL</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy step {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Could not start</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Could not start: {why}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Counted by calendar months. Leave it empty for none.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Counts and names on this computer, never what is said.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Credits a day</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Credits a month</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Credits by day, {range}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cursor's own servers send its requests, and they cannot reach an address on this computer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Daily budget {credits}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Dark</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Delete it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Deletes every entry on this computer for good. GitHub keeps its own figures.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Demo running on {address}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Demo: a simulated GitHub on this computer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Doctor…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Don't ask again for {tool} until I quit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Done after sending again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Dropped</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Editor plugin version</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Editor version</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Embeddings unchanged. It answers no prompts.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Enable</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Endpoints</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Enterprise</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Estimated here: GitHub sent no bill.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Every entry on this computer is deleted. This cannot be undone.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Every request waits for you, with its model, size and expected credits.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Everything</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed inside the proxy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: GitHub does not answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: GitHub is overloaded</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: longer than the model can read</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: no answer in time</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: nobody is signed in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: the local key is missing or wrong</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: the model is not known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: the request is not valid</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: the request is too large</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Failed: there is no such address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Faster for tools that can; off, they fall back by themselves.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Figures start with the first request.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>File</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Fine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>First word</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forecast</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forget everything</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forget it when I quit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forget the history</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forget the whole history of usage?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Found on this computer. Nothing is written: copy what each step says.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Found version {version}. Nothing is written: copy what each step says.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Free</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>From cache</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Further host names</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>General</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub did not answer since {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub did not tell yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub does not answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub does not answer. The code stays good, trying again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub does not say when it resets</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub ended the session</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub lists no models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub offers this interface to its own clients. It may change it, or limit an account that uses it this way. This app is not affiliated with GitHub.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub says {used}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub says {used}, {ago}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub's limit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub's list, {age}. Prices in credits per 1M tokens; 1 credit is 0.01 US$.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Hold Claude Code's rotating line still</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>How long a tool may hear nothing while an answer is awaited.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>If ANTHROPIC_API_KEY is set too, remove it: it would be used instead.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>In, out limit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Input</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Installed add-ons that may see and change calls to GitHub. Separate by commas.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Integration id</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It answered without any words.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It answers no prompts, so there is nothing to try here.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It can also sign in to GitHub by itself; through the proxy you see what it costs.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It cannot be read: {why}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It could not be changed: {why}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It is left as it is. Remove it if you do not need it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It is your own budget. Requests go on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It speaks only Google's own API, which the proxy does not offer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It starts another copy of this app than the one that runs.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It waits for you to agree to its terms.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep a history of usage</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep it in a file</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep the history</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep the history for days</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep the key; it asks for it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep {port}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keeps web pages and other programs out.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Kept for {days} days, counts only.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keychain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keychain, or ask me</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keys</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Larger ones are refused before they are read.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Largest request, in MB</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Last request {ago}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Last: {model}, {tool}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Last: {model}, {tool}, cancelled</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Last: {model}, {tool}, failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Later</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Learned</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Leave out what was refused</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Leave the demo</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Let it run</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Light</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Light, dark, or as your system says.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Limits and budgets</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Local key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Local key (not required)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Longer pauses are told to the tool at once.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Look at the report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Looking for tools on this computer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Looking for your sign-in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Make a key for {name}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Max</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Members such as “temperature” that some models do not take.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Memory, until I quit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model id copied</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Models that think may say nothing for minutes.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>More than this are refused.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>More than this wait in line.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name a model of your plan in your code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Names this computer goes by, besides localhost. Separate them by commas.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Needs you</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Needs {plan}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Never send it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>New code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>New input</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No Copilot plan, {host}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No key is required now; the steps carry the local one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No model is in this list</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No model matches “{search}”</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No request of this run fits the filters.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No requests yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No setting matches “{text}”</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No tool that we know was found here. The Connect page has steps for all of them.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No tool that we know was found on this computer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Not checked yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Not known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Not offered to tools: it only completes code in editors.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Not sent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Note</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing is kept</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing is kept after you quit.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing is sent until you answer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing is written: copy what each step says.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing matches</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing stops requests right now.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing was stored.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing was stored. A new code takes a moment.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Off at GitHub</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Off by your organisation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Off, by your system's own settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Off.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Older entries are deleted by themselves.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>On</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>On for another copy of this app. Switch it on for this one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>On, and it points at this app.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One for each tool, so that usage is counted apart.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One on each line, such as: fast = gpt-5-mini</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One short request, paid like any other</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only what was kept before is shown.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open Cline's settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open Doctor</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open Roo Code's settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open Settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open billing page</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open plans page</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open the agent panel's settings and type the key there</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open the page</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open the page again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open the window to see why.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open to your network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open window</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>OpenAI base URL</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Opening port {port}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Or look from the command line whether it answers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Or this where it asks for an Anthropic address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Other</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Other computers are allowed, so a key stays required.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Otherwise it stays off until you press Start.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Output</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Outside this app</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pause for</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pause {tool}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Paused</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Paused until you resume it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Paused until {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please know before you start</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Port</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Premium requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Privacy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pro</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pro (education)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pro+</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Put right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Quit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Ready to connect</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Refused or broken off by GitHub</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Refused: GitHub asked to wait</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Refused: no credits left for it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Replace key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Replace the key of {name}?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Report copied</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Report copied, without content</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Request handlers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests are not affected.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests at once</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests do not work until this is put right.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests in line</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests of the last 15 minutes: {count}, {busiest}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests stop until {end}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests wait until it ends.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests wait until {time}, in {span}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Require a key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reset to none</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reset to off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reset to on</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reset to {value}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reset to “{value}”</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resets {day}, in 1 day</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resets {day}, in {days} days</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resets {day}, in {span}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Responses over WebSockets</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resume</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resume {tool}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Revoke key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Revoke the key of {name}?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Route</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Running</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Running on {address}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Running requests go on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Runs in the tray, without opening this window.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Scope</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Search {count} settings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Send all {count} of {tool}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Send everything</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sent again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sent by the tool on its own, while it works.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sent with every call to GitHub.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Serve tools as soon as the app starts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Server</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Set the key in your shell; the file only names it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Set these variables in your shell</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Settings to copy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Settings…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Show how to add it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Show the steps</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign in to GitHub</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign in to GitHub to begin</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign in to GitHub…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign in to see the models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign of life, in seconds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign out {login}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sign-in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Signed in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Signed in as {login}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Signed out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Signing in did not work</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Skip</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>So that prompt caches work. Only digits without meaning are replaced.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Something failed inside the app at {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start at login</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start it and choose OpenAI as the way to sign in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start it in the same shell</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start it with this model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start the server to test it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start the server to try a model.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start when I sign in to this computer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Started by you, not by a tool loop.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Starting…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>State</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Step {number} of {count}: {name}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Steps copied, with the key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stop</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stop requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stopped by GitHub's content filter</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stopped. What was sent may be billed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stopping…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Streaming</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Such as {examples}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Switch it off and on again in the settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Switch “Require a key” on first. It stays off for others until then.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Switched off in your system's own settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tell me and go on</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Test it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The address your tools use. A change applies at once.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The answer is empty.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The app closed unexpectedly at {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The cache saved {credits} credits.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The checks could not be run</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The code ran out after {span}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The figures could not be read</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The file is one that only your user account can read.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The history is switched off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The key of {name}. Copy it now: it cannot be shown again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The keychain is the safest; a file is readable by your account alone.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The last reading, {used}, is {age} old</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The local key can neither be read nor made</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The page is open in your browser, and the code is copied.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The proxy could not start</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The proxy could not start: port {port} is in use</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The proxy could not start: {why}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The proxy stays on {port}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The sign-in is kept in a file only your user account can read.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The sign-in is kept in memory until you quit.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The sign-in is kept in your system's keychain, nowhere else.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The sign-in worked. Copilot answers once the account has a plan.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The steps carry a key of {name}'s own. It is shown until you quit.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The steps carry the local key. A key of its own can be revoked alone.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The steps carry the local key. Copy takes all of it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The tool cannot connect any more. This cannot be undone.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The tool cannot connect until it has the new key.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The tool is told that it ended. What GitHub did so far may be billed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>These were found on this computer. Choose one to see what it must be told; nothing of it is changed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>They show up here the moment a tool sends one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This app gives this computer an address that speaks OpenAI and Anthropic. Tools that use it run on your own GitHub Copilot plan, and you see what each request costs.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This computer has no keychain that can be used.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This computer only</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This desktop shows no tray icons; the window works without.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This desktop shows our icon.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This is the demo: the sign-in is kept in memory until you quit.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This month's {limit} credits are used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This window closes by itself.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Time</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Today</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Today's {limit} credits are used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tokens</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tokens in → out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Took</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tools are told to wait until you sign in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tools are told to wait until you sign in again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tools cannot connect until you sign in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tools cannot connect while it is off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tools cannot connect without it: {reason}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tools cannot connect. Your settings are unchanged</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tools then run on your own Copilot plan. GitHub offers this interface to its own clients and may limit an account that uses it this way.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tray</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Try again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Try the demo</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Trying again. Check the connection of this computer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type a model of your plan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type the address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type the key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type this code on GitHub</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type this where it asks for an OpenAI address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Unknown tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Use another account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Use another account…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Use {port}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>User agent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Wait for a connection, in seconds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Wait for a silent answer, in seconds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Wait out GitHub's pauses, in seconds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Waiting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Waiting for the answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Waiting for the first word</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Waiting for you to approve</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Waiting for {model}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Waits for you</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Waits for your answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Web pages that may connect</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What a model refuses</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What can I do?…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What the sign-in may do at GitHub.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What this is</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>When a budget is used up</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Where the sign-in is kept</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Where to keep your sign-in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which app GitHub's sign-in page names.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which models there are depends on your plan.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Write it like company.ghe.com. Nothing was sent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Writing the cache cost {credits} more.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Written to cache</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You are asked before each request until {end}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You are signed in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You are told at 80 and at 100 percent in any case.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You declined on GitHub</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You reached GitHub's limit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You see the figures of {time}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You type it on GitHub's own page. This app never sees your password.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your Copilot plan, in the tools you like</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your browser did not open. Go to this address; the code is copied.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your key and tools are kept. Signing in again takes about a minute.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your own budget is used up, and you want to be asked then.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your own budget: {parts}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your own limit, not GitHub's. Leave it empty for none.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your own names for models</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your plan or your organisation offers none at the moment.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your settings are unchanged.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>about {amount}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>about {credits} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>about {tokens} tokens</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>address number 4141 listen</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>alias rename short name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>api key token revoke</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>approve approval confirm question</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>automatic start launch begin</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>autostart login boot launch automatically</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>busiest minute: {count}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>by {day}, no limit known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>by {day}, within the plan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>cache billing header stabilise system prompt</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>codex socket</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>cors browser website</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>counted here</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>counted here {credits}, live</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>counted here, live</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>counted here, {credits} estimated</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>credits, no budget set</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>credits, no limit known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>daily budget spend cost money</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>delete clear erase remove usage</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>dns rebinding domain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>enterprise company host</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>even pace, {percent} %</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>from COPILOT_GITHUB_TOKEN</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>from GitHub, read {ago}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>g-copilot-proxy: needs you. {state}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>g-copilot-proxy: {state}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>g-copilot-proxy: {state}, a request is running</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>github.com, or your company's address that ends in .ghe.com.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>header</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>host interface bind ip lan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>images</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>in a file only your account can read</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>in memory until you quit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>in the system keychain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>included in plan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>just now</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>lan network share remote 0.0.0.0 host</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>last: {account}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>ledger log record tracking</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>less than 1 min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>less than {credits}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>live</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>midnight</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>monthly budget spend cost money</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>never</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>no limit known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>no prompts yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>no tools</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>none running</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>not kept</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>not known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>not listening</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>nothing used yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>of all prompt tokens</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>of it thinking</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>of {limit}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>of {limit} (your budget)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>of {limit} used</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>of {limit}, resets {day}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>parallel concurrency simultaneous</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>parameter unsupported error 400 adaptive strict</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>password token authentication security api key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>ping keep alive timeout silence</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>plugin extension hook</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>price not known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>queue waiting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>retention delete forget</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>retry after rate limit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>saved about {credits} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>size limit upload</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>status {n}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the 1st</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>theme dark mode colours night</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>then the allowance is used up</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>thinking</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>this month {spent} of {limit} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>timeout slow</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>timeout slow idle</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>today</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>today {spent} of {limit} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>token password secret store</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>tools</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>translated</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>unchanged</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>until I resume</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>until {day}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>used up</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>used, no limit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>valid for {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>warn ask stop limit reached</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>within the plan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{account}. You can use another account at any time.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{amount} a day at the present pace</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{asked} → {sent}, {how}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} requests today, {credits} credits.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} requests wait for your answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} running</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} today</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} wait for you</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count}M</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count}k</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{credits} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{credits} credits counted here</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{credits} credits, no limit known</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{credits} credits, {cached} % cached</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{days} d ago</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{days} d {hours} h</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{day}, forecast {credits}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{done} of {count} are done.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{figures}, {credits} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{fine} are fine, {unknown} could not be told</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{first} and {last}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{heading}: nothing used yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{heading}: {total}, highest {most} on {day}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{hours} h ago</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{hours} h {minutes} min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{limit}, {span} left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{login} has no Copilot plan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{low} to {high}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{minutes} min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{minutes} min ago</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{minutes} min {seconds} s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{model} answered in {took}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{model} answered in {took}, less than {credits} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{model} answered in {took}, {credits} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{model}, {credits} credits, {cached} cached</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{model}, {state}, {abilities}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{names} translated.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{names} unchanged.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name} {version}, {state}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name}, key ending in {ending}, last used: {used}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name}, key {key}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name}, {credits} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name}, {state}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{need} thing needs you, {fine} are fine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{need} things need you, {fine} are fine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{on} on, {off} off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{paused}. Requests are refused politely</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{percent} %</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{place} has our name but is not ours.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{prompt} in, {output} out</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{reach}, up {span}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{requests} written to {file}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{same} unchanged, {other} translated.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{seconds} s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{spent} credits, no budget set</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{spent} of {limit}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{spent} of {limit} credits this month, your own budget</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{spent} of {limit} credits today, your own budget</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{spent} of {limit}, would be {low} to {high}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{state}, {tool}, {model}, {took}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{time}: {count} requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tokens} tokens, about {share} % in the cache</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tokens} tokens, {cached} % cached</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{took}, {input} → {output} tokens</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tool} is paused</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tool} is paused until you resume it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tool} is paused until {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tool} wants to send a request</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tool}, {credits} credits, {count} requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{tool}, {day} {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{used} credits, no limit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{used} of {count} found tools used this proxy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{used} of {limit} credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{used} of {limit} credits, resets {day}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>“{member}” was refused by this model; left out until {day}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>“{name}” is there twice.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ReportDialog</name>
        <message>
            <source>Close</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copied</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Delete report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Report</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>RequestCard</name>
        <message>
            <source>Back to the list</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Close details</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forget</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forget: {what}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pause {tool}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Request</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resume {tool}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Time</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Time of the request</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tokens and credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What was said is not kept, here or anywhere.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>RequestsCard</name>
        <message>
            <source>All activity</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Latest requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No requests yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>They show up here the moment a tool sends one.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>SecretField</name>
        <message>
            <source>Hide</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Hide {name}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Show</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Show {name}</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>SectionList</name>
        <message>
            <source>Sections</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>SettingsPage</name>
        <message>
            <source>Settings</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>Sidebar</name>
        <message>
            <source>Pages</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>SignInBody</name>
        <message>
            <source>GitHub page</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>My company uses its own GitHub address</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>SignInDialog</name>
        <message>
            <source>Sign in to GitHub</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>StateCard</name>
        <message>
            <source>Anthropic base URL</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Local key</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>OpenAI base URL</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pause for</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resume</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Serve tools</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>StateFoot</name>
        <message>
            <source>Serve tools</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>TermsDialog</name>
        <message>
            <source>Agree and enable</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Enable a model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Enable {model}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub asks for your agreement once. It holds for your account everywhere.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub gives no terms for this model.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Leave it off</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Terms</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ToastBar</name>
        <message>
            <source>Undo</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Undo: {what}</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ToolDetails</name>
        <message>
            <source>Copy as steps</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Shell</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ToolList</name>
        <message>
            <source>Tools</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>UsagePage</name>
        <message>
            <source>By model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>By tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cached</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Credits by day</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Export CSV</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Range</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reading the figures</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Tool</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Usage</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>Waiting</name>
        <message>
            <source>Time left for the code</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>_Code</name>
        <message>
            <source>Code to type on GitHub</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>_Facts</name>
        <message>
            <source>Expected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Size</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Today</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>_Prompt</name>
        <message>
            <source>Enter</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Prompt to try the model</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Say hello in five words.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>_Today</name>
        <message>
            <source>Cache hits today</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Today</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Today's credits</source>
            <translation type="unfinished" />
        </message>
    </context>
</TS>
