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
            <source>The report holds no token, key, prompt or answer. Also as a command:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What is fine</source>
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
        <name>MainWindow</name>
        <message>
            <source>Base URL copied</source>
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
        <message numerus="yes">
            <source>%n more tool(s), not found here</source>
            <translation type="unfinished">
                <numerusform />
            </translation>
        </message>
        <message>
            <source>1 request today, {credits} credits.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>1 waits for you</source>
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
            <source>A report without content is ready. It stays on this computer unless you send it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Abilities</source>
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
            <source>All {fine} are fine</source>
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
            <source>Close</source>
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
            <source>Credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cursor's own servers send its requests, and they cannot reach an address on this computer.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Delete it</source>
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
            <source>Fine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>First word</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Forget it when I quit</source>
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
            <source>GitHub does not answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>GitHub does not answer. The code stays good, trying again</source>
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
            <source>GitHub's list, {age}. Prices in credits per 1M tokens; 1 credit is 0.01 US$.</source>
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
            <source>It is left as it is. Remove it if you do not need it.</source>
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
            <source>Keep it in a file</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep the key; it asks for it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Kept for {days} days, counts only.</source>
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
            <source>Leave the demo</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Let it run</source>
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
            <source>Name a model of your plan in your code</source>
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
            <source>On</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>On, and it points at this app.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>One short request, paid like any other</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open Cline's settings</source>
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
            <source>Output</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pause {tool}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please know before you start</source>
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
            <source>Report copied</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Report copied, without content</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Requests do not work until this is put right.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Resume {tool}</source>
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
            <source>Sent again</source>
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
            <source>Switch it off and on again in the settings.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Test it</source>
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
            <source>The file is one that only your user account can read.</source>
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
            <source>This window closes by itself.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Time</source>
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
            <source>What can I do?…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What this is</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Where to keep your sign-in</source>
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
            <source>You are signed in</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>You declined on GitHub</source>
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
            <source>Your plan or your organisation offers none at the moment.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Your settings are unchanged.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>from COPILOT_GITHUB_TOKEN</source>
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
            <source>last: {account}</source>
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
            <source>of it thinking</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>status {n}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>thinking</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>today</source>
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
            <source>valid for {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{account}. You can use another account at any time.</source>
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
            <source>{count} running</source>
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
            <source>{credits} credits, {cached} % cached</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{days} d {hours} h</source>
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
            <source>{hours} h {minutes} min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{login} has no Copilot plan</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{minutes} min</source>
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
            <source>{place} has our name but is not ours.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{reach}, up {span}</source>
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
            <source>{span} ago</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{state}, {tool}, {model}, {took}</source>
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
            <source>{tool}, {day} {time}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{used} of {count} found tools used this proxy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>“{member}” was refused by this model; left out until {day}.</source>
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
</TS>
