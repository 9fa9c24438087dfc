<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>AccountCard</name>
        <message>
            <source>Account</source>
            <translation>账户</translation>
        </message>
    </context>
    <context>
        <name>ActivityPage</name>
        <message>
            <source>Activity</source>
            <translation>活动</translation>
        </message>
        <message>
            <source>All tools</source>
            <translation>全部工具</translation>
        </message>
        <message>
            <source>Any result</source>
            <translation>任何结果</translation>
        </message>
        <message>
            <source>Cancelled</source>
            <translation>已取消</translation>
        </message>
        <message>
            <source>Clear filters</source>
            <translation>清除筛选</translation>
        </message>
        <message>
            <source>Connect a tool</source>
            <translation>连接工具</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>完成</translation>
        </message>
        <message>
            <source>Failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>Not sent</source>
            <translation>未发送</translation>
        </message>
        <message>
            <source>Pause a tool</source>
            <translation>暂停工具</translation>
        </message>
        <message>
            <source>Requests</source>
            <translation>请求</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>结果</translation>
        </message>
        <message>
            <source>Running</source>
            <translation>运行中</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <source>Sent again</source>
            <translation>已重新发送</translation>
        </message>
        <message>
            <source>Tool</source>
            <translation>工具</translation>
        </message>
        <message>
            <source>{count} new</source>
            <translation>{count} 个新的</translation>
        </message>
        <message>
            <source>{count} new requests, go to the top</source>
            <translation>{count} 个新请求，回到顶部</translation>
        </message>
        <message>
            <source>↑ ↓ choose   Enter details   Del cancel</source>
            <translation>↑ ↓ 选择   回车 详情   Del 取消</translation>
        </message>
    </context>
    <context>
        <name>AddressField</name>
        <message>
            <source>Copy {name}</source>
            <translation>复制{name}</translation>
        </message>
    </context>
    <context>
        <name>ApprovalDialog</name>
        <message>
            <source>Ask before sending</source>
            <translation>发送前询问</translation>
        </message>
        <message>
            <source>Don't send</source>
            <translation>不发送</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>发送</translation>
        </message>
    </context>
    <context>
        <name>ClosingDialog</name>
        <message>
            <source>Close the window</source>
            <translation>关闭窗口</translation>
        </message>
        <message>
            <source>Keep running</source>
            <translation>继续运行</translation>
        </message>
        <message>
            <source>Keep running without a window?</source>
            <translation>不开窗口继续运行？</translation>
        </message>
        <message>
            <source>Keep serving</source>
            <translation>继续服务</translation>
        </message>
        <message>
            <source>Keep serving without a window?</source>
            <translation>在没有窗口的情况下继续服务？</translation>
        </message>
        <message>
            <source>Leave it open</source>
            <translation>保持打开</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>退出</translation>
        </message>
        <message>
            <source>The choice is remembered; Settings, General, changes it.</source>
            <translation>会记住此选择；可在“设置 &gt; 常规”中更改。</translation>
        </message>
        <message>
            <source>This desktop shows no tray icon. The app can go on without a window, and tools stay connected; start it again, or run “g-copilot-proxy open”, to have the window back.</source>
            <translation>此桌面不显示托盘图标。应用可以在没有窗口的情况下继续运行，工具保持连接；再次启动它，或运行“g-copilot-proxy open”，窗口就会回来。</translation>
        </message>
        <message>
            <source>This desktop shows no tray icon. The app can go on without a window; start it again, or run “g-copilot-proxy open”, to have the window back.</source>
            <translation>此桌面不显示托盘图标。应用可以在没有窗口的情况下继续运行；再次启动它，或运行“g-copilot-proxy open”，即可重新打开窗口。</translation>
        </message>
    </context>
    <context>
        <name>CodeCard</name>
        <message>
            <source>Copy the code</source>
            <translation>复制代码</translation>
        </message>
    </context>
    <context>
        <name>CompanyAddress</name>
        <message>
            <source>GitHub address</source>
            <translation>GitHub 地址</translation>
        </message>
        <message>
            <source>Use this address</source>
            <translation>使用此地址</translation>
        </message>
    </context>
    <context>
        <name>ConnectPage</name>
        <message>
            <source>Connect</source>
            <translation>连接</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>再找一次</translation>
        </message>
    </context>
    <context>
        <name>CopyButton</name>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
    </context>
    <context>
        <name>CreditsCard</name>
        <message>
            <source>Credits this month</source>
            <translation>本月点数</translation>
        </message>
        <message>
            <source>Figures come with GitHub's first answer.</source>
            <translation>数字随 GitHub 的第一个回答而来。</translation>
        </message>
        <message>
            <source>GitHub's figure holds everything the account did anywhere, and comes late. Ours is what went through this app, at once.</source>
            <translation>GitHub 的数字包含这个账户在各处的全部使用，而且来得晚。我们的数字是经过本应用的部分，即时更新。</translation>
        </message>
        <message>
            <source>Why two?</source>
            <translation>为什么有两个？</translation>
        </message>
    </context>
    <context>
        <name>DoctorPage</name>
        <message>
            <source>Check again</source>
            <translation>再检查一次</translation>
        </message>
        <message>
            <source>Copy report</source>
            <translation>复制报告</translation>
        </message>
        <message>
            <source>Doctor</source>
            <translation>诊断</translation>
        </message>
        <message>
            <source>Everything else</source>
            <translation>其余全部</translation>
        </message>
        <message>
            <source>The report holds no token, key, prompt or answer. Also as a command: {command}</source>
            <translation>报告不含令牌、密钥、提示或回答。也可用命令：{command}</translation>
        </message>
        <message>
            <source>What needs you</source>
            <translation>需要你处理的</translation>
        </message>
    </context>
    <context>
        <name>EditMenu</name>
        <message>
            <source>Edit</source>
            <translation>编辑</translation>
        </message>
    </context>
    <context>
        <name>FileField</name>
        <message>
            <source>Choose…</source>
            <translation>选择…</translation>
        </message>
    </context>
    <context>
        <name>FilePartView</name>
        <message>
            <source>Show all {count} lines</source>
            <translation>显示全部 {count} 行</translation>
        </message>
        <message>
            <source>Show fewer lines</source>
            <translation>显示较少的行</translation>
        </message>
    </context>
    <context>
        <name>FirstRunDialog</name>
        <message>
            <source>Welcome</source>
            <translation>欢迎</translation>
        </message>
    </context>
    <context>
        <name>FirstRunPicture</name>
        <message>
            <source>Agents</source>
            <translation>代理工具</translation>
        </message>
        <message>
            <source>Editors</source>
            <translation>编辑器</translation>
        </message>
        <message>
            <source>Editors, agents and your code go through this app to Copilot</source>
            <translation>编辑器、代理工具和你的代码经由本应用到达 Copilot</translation>
        </message>
        <message>
            <source>Your code</source>
            <translation>你的代码</translation>
        </message>
    </context>
    <context>
        <name>KeysList</name>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Key</source>
            <translation>密钥</translation>
        </message>
        <message>
            <source>Make key</source>
            <translation>生成密钥</translation>
        </message>
        <message>
            <source>Name of the tool</source>
            <translation>工具名称</translation>
        </message>
        <message>
            <source>New key</source>
            <translation>新密钥</translation>
        </message>
        <message>
            <source>Replace</source>
            <translation>替换</translation>
        </message>
        <message>
            <source>Replace the key of {name}</source>
            <translation>替换 {name} 的密钥</translation>
        </message>
        <message>
            <source>Revoke</source>
            <translation>吊销</translation>
        </message>
        <message>
            <source>Revoke the key of {name}</source>
            <translation>吊销 {name} 的密钥</translation>
        </message>
        <message>
            <source>Tool, last used</source>
            <translation>工具，上次使用</translation>
        </message>
    </context>
    <context>
        <name>LatelyCard</name>
        <message>
            <source>15 min ago</source>
            <translation>15 分钟前</translation>
        </message>
        <message>
            <source>Requests</source>
            <translation>请求</translation>
        </message>
        <message>
            <source>Requests of the last 15 minutes</source>
            <translation>最近 15 分钟的请求</translation>
        </message>
        <message>
            <source>now</source>
            <translation>现在</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>Base URL copied</source>
            <translation>已复制基础地址</translation>
        </message>
    </context>
    <context>
        <name>MissesCard</name>
        <message>
            <source>When the cache did not help</source>
            <translation>缓存没有帮上忙的时候</translation>
        </message>
    </context>
    <context>
        <name>ModelCard</name>
        <message>
            <source>Copy id</source>
            <translation>复制 ID</translation>
        </message>
        <message>
            <source>Enable…</source>
            <translation>启用…</translation>
        </message>
        <message>
            <source>Stop waiting</source>
            <translation>停止等待</translation>
        </message>
        <message>
            <source>Try it</source>
            <translation>试一试</translation>
        </message>
        <message>
            <source>Use in a tool</source>
            <translation>在工具中使用</translation>
        </message>
    </context>
    <context>
        <name>ModelRows</name>
        <message>
            <source>Abilities</source>
            <translation>能力</translation>
        </message>
        <message>
            <source>Cached</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Enable</source>
            <translation>启用</translation>
        </message>
        <message>
            <source>Endpoints</source>
            <translation>端点</translation>
        </message>
        <message>
            <source>In, out limit</source>
            <translation>输入、输出上限</translation>
        </message>
        <message>
            <source>Input</source>
            <translation>输入</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Output</source>
            <translation>输出</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
    </context>
    <context>
        <name>ModelsPage</name>
        <message>
            <source>All</source>
            <translation>全部</translation>
        </message>
        <message>
            <source>Ask GitHub again</source>
            <translation>再问一次 GitHub</translation>
        </message>
        <message>
            <source>Clear search</source>
            <translation>清除搜索</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Off</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>On</source>
            <translation>开启</translation>
        </message>
        <message>
            <source>Open Doctor</source>
            <translation>打开诊断</translation>
        </message>
        <message>
            <source>Search name or ability</source>
            <translation>搜索名称或能力</translation>
        </message>
        <message>
            <source>Sign in to GitHub</source>
            <translation>登录 GitHub</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>再试一次</translation>
        </message>
        <message>
            <source>Which models</source>
            <translation>哪些模型</translation>
        </message>
    </context>
    <context>
        <name>NewKeyCard</name>
        <message>
            <source>I have copied it</source>
            <translation>我已复制</translation>
        </message>
        <message>
            <source>New key</source>
            <translation>新密钥</translation>
        </message>
    </context>
    <context>
        <name>NothingFound</name>
        <message>
            <source>Clear search</source>
            <translation>清除搜索</translation>
        </message>
    </context>
    <context>
        <name>Pages</name>
        <message>
            <source>Activity</source>
            <translation>活动</translation>
        </message>
        <message>
            <source>Connect</source>
            <translation>连接</translation>
        </message>
        <message>
            <source>Doctor</source>
            <translation>诊断</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>主页</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
            <source>Usage</source>
            <translation>用量</translation>
        </message>
    </context>
    <context>
        <name>Presenters</name>
        <message>
            <source> Did you mean {name}?</source>
            <translation>你是指 {name} 吗？</translation>
        </message>
        <message>
            <source> or </source>
            <translation> 或 </translation>
        </message>
        <message numerus="yes">
            <source>%n finding(s) to look at</source>
            <translation>
                <numerusform>有 %n 项发现需要查看</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n more tool(s), not found here</source>
            <translation>
                <numerusform>另有 %n 个工具，未在此找到</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n request(s)</source>
            <translation>
                <numerusform>%n 个请求</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n request(s) forgotten</source>
            <translation>
                <numerusform>已忘记 %n 个请求</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n request(s) running</source>
            <translation>
                <numerusform>%n 个请求进行中</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n running request(s) will be cut off. The tools are told so.</source>
            <translation>
                <numerusform>将中断 %n 个正在进行的请求，并告知相应的工具。</numerusform>
            </translation>
        </message>
        <message>
            <source>, </source>
            <translation>、</translation>
        </message>
        <message>
            <source>1 h</source>
            <translation>1 小时</translation>
        </message>
        <message>
            <source>1 of {count}</source>
            <translation>第 1 个，共 {count} 个</translation>
        </message>
        <message>
            <source>1 request today, {credits} credits.</source>
            <translation>今天 1 个请求，{credits} 点数。</translation>
        </message>
        <message>
            <source>1 request waits for your answer</source>
            <translation>有 1 个请求在等你答复</translation>
        </message>
        <message>
            <source>1 waits for you</source>
            <translation>有 1 个在等你</translation>
        </message>
        <message>
            <source>127.0.0.1 is this computer only. Others let your network in.</source>
            <translation>127.0.0.1 只限本机。其他地址会让你的网络进入。</translation>
        </message>
        <message>
            <source>15 min</source>
            <translation>15 分钟</translation>
        </message>
        <message>
            <source>5 min</source>
            <translation>5 分钟</translation>
        </message>
        <message>
            <source>7 days</source>
            <translation>7 天</translation>
        </message>
        <message>
            <source>90 days</source>
            <translation>90 天</translation>
        </message>
        <message>
            <source>&lt; {seconds} s</source>
            <translation>&lt; {seconds} 秒</translation>
        </message>
        <message>
            <source>A PEM file with your company's certificates, trusted besides the system's own.</source>
            <translation>含有公司证书的 PEM 文件，在系统证书之外也予信任。</translation>
        </message>
        <message>
            <source>A backup is kept; Undo restores this very file.</source>
            <translation>已保留备份；“撤销”会恢复这份原文件。</translation>
        </message>
        <message>
            <source>A certificate file cannot be read</source>
            <translation>无法读取证书文件</translation>
        </message>
        <message>
            <source>A copy of your sign-in could not be removed</source>
            <translation>无法删除你的登录的一份副本</translation>
        </message>
        <message>
            <source>A file of “doctor --probe”: what it measured of your account counts first.</source>
            <translation>“doctor --probe” 的文件：对你账户的实测结果优先。</translation>
        </message>
        <message>
            <source>A key's name has 1 to {most} visible characters.</source>
            <translation>密钥名称须为 1 至 {most} 个可见字符。</translation>
        </message>
        <message>
            <source>A long answer may cost {credits} credits.</source>
            <translation>较长的回答可能花费 {credits} 点数。</translation>
        </message>
        <message>
            <source>A new one was begun; {count} entries were recovered from the old one, which is kept as {file}.</source>
            <translation>已新建一份；从旧的那份恢复了 {count} 条，旧的保留为 {file}。</translation>
        </message>
        <message>
            <source>A new one was begun; {count} entry was recovered from the old one, which is kept as {file}.</source>
            <translation>已新建一份；从旧的那份恢复了 {count} 条，旧的保留为 {file}。</translation>
        </message>
        <message>
            <source>A number from {low} to {high}.</source>
            <translation>{low} 到 {high} 之间的数。</translation>
        </message>
        <message>
            <source>A number.</source>
            <translation>一个数。</translation>
        </message>
        <message>
            <source>A plan GitHub does not name</source>
            <translation>GitHub 未说明名称的套餐</translation>
        </message>
        <message>
            <source>A program on this computer</source>
            <translation>本机上的一个程序</translation>
        </message>
        <message>
            <source>A report without content is ready. It stays on this computer unless you send it.</source>
            <translation>有一份不含内容的报告。除非你发送，它只留在本机。</translation>
        </message>
        <message>
            <source>A request handler is not running</source>
            <translation>一个请求处理器没有运行</translation>
        </message>
        <message>
            <source>A section or a setting stands twice in {file}.</source>
            <translation>{file} 中有一节或一项设置出现了两次。</translation>
        </message>
        <message>
            <source>A setting could not be put in force</source>
            <translation>一项设置无法生效</translation>
        </message>
        <message>
            <source>A setting could not be read</source>
            <translation>一项设置无法读取</translation>
        </message>
        <message>
            <source>A setting is not known</source>
            <translation>有一项设置不认识</translation>
        </message>
        <message>
            <source>A whole number from {low} to {high}.</source>
            <translation>{low} 到 {high} 之间的整数。</translation>
        </message>
        <message>
            <source>A whole number.</source>
            <translation>一个整数。</translation>
        </message>
        <message>
            <source>About</source>
            <translation>关于</translation>
        </message>
        <message>
            <source>About 140 MB come from npm. You can go on working.</source>
            <translation>约 140 MB，来自 npm。你可以继续工作。</translation>
        </message>
        <message>
            <source>About this app…</source>
            <translation>关于本应用…</translation>
        </message>
        <message>
            <source>About {times} times your usual request.</source>
            <translation>约为你平常请求的 {times} 倍。</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>账户</translation>
        </message>
        <message>
            <source>Add an extension that shows them, or use: g-copilot-proxy open</source>
            <translation>安装能显示图标的扩展，或使用：g-copilot-proxy open</translation>
        </message>
        <message>
            <source>Add this model to the file in the folder that `llm logs path` names</source>
            <translation>把这个模型加到 `llm logs path` 所指文件夹里的文件中</translation>
        </message>
        <message>
            <source>Add this provider to its models</source>
            <translation>把这个提供方加到它的模型中</translation>
        </message>
        <message>
            <source>Add this provider to its settings</source>
            <translation>把这个提供方加到它的设置中</translation>
        </message>
        <message>
            <source>Add this to Zed's settings (command palette: “zed: open settings”)</source>
            <translation>把这些加到 Zed 的设置中（命令面板：“zed: open settings”）</translation>
        </message>
        <message>
            <source>Add this to its settings; the first two lines belong at the top of the file</source>
            <translation>把这些加到它的设置中；前两行放在文件开头</translation>
        </message>
        <message>
            <source>Add your company's certificate to the system's trust store, or name its file in the setting upstream.ca_file.</source>
            <translation>把公司的证书加入系统的信任库，或在设置 upstream.ca_file 中写上它的文件。</translation>
        </message>
        <message>
            <source>Address to listen on</source>
            <translation>监听地址</translation>
        </message>
        <message>
            <source>Advanced</source>
            <translation>高级</translation>
        </message>
        <message>
            <source>After that GitHub counts as out of reach.</source>
            <translation>超过这个时间就认为连不上 GitHub。</translation>
        </message>
        <message>
            <source>All tools</source>
            <translation>全部工具</translation>
        </message>
        <message>
            <source>All {fine} passed</source>
            <translation>全部 {fine} 项通过</translation>
        </message>
        <message>
            <source>Allow more on Usage, or raise the budget in Settings.</source>
            <translation>在“用量”中多允许一些，或在“设置”中提高预算。</translation>
        </message>
        <message>
            <source>Allow more, or wait.</source>
            <translation>放宽预算，或等待。</translation>
        </message>
        <message>
            <source>Allow other computers</source>
            <translation>允许其他电脑</translation>
        </message>
        <message>
            <source>Allow {more} more</source>
            <translation>再允许 {more}</translation>
        </message>
        <message>
            <source>Always</source>
            <translation>始终</translation>
        </message>
        <message>
            <source>An earlier message was changed or removed.</source>
            <translation>较早的消息被更改或移除。</translation>
        </message>
        <message>
            <source>An entry under our name exists that is not ours.</source>
            <translation>有一个同名的启动项，但不是我们的。</translation>
        </message>
        <message>
            <source>An unknown tool</source>
            <translation>未知工具</translation>
        </message>
        <message>
            <source>Another process is looking for updates; try again.</source>
            <translation>另一个进程正在检查更新；请重试。</translation>
        </message>
        <message>
            <source>Another program had changed {what}; that was left.</source>
            <translation>另一个程序改过 {what}；已原样保留。</translation>
        </message>
        <message>
            <source>Another program has changed {what} since. Undo leaves that as it is.</source>
            <translation>此后另一个程序改过 {what}。“撤销”会保留它。</translation>
        </message>
        <message>
            <source>Another program holds {file} locked.</source>
            <translation>另一个程序锁住了 {file}。</translation>
        </message>
        <message>
            <source>Another tool</source>
            <translation>其他工具</translation>
        </message>
        <message>
            <source>Answered</source>
            <translation>已回答</translation>
        </message>
        <message>
            <source>Answers will begin late. Look at your connection or its proxy.</source>
            <translation>回答会迟些开始。请检查你的连接或其网络代理。</translation>
        </message>
        <message>
            <source>Anthropic base URL</source>
            <translation>Anthropic 基础地址</translation>
        </message>
        <message>
            <source>Any free port is taken when the server starts.</source>
            <translation>服务器启动时会使用任意一个空闲端口。</translation>
        </message>
        <message>
            <source>Anyone on your network with a key could spend your credits. Requires a key.</source>
            <translation>你的网络中持有密钥的人都能花费你的点数。需要密钥。</translation>
        </message>
        <message>
            <source>Appearance</source>
            <translation>外观</translation>
        </message>
        <message>
            <source>Apply the change</source>
            <translation>应用更改</translation>
        </message>
        <message>
            <source>As origins, such as https://example.com. Separate them by commas.</source>
            <translation>写成来源，例如 https://example.com。用逗号分隔。</translation>
        </message>
        <message>
            <source>Ask again in a moment, or choose another model.</source>
            <translation>稍后再试，或换一个模型。</translation>
        </message>
        <message>
            <source>Ask again; a shorter request is answered sooner.</source>
            <translation>请再试一次；较短的请求回答得更快。</translation>
        </message>
        <message>
            <source>Ask again; if it stays, choose another model or look at Doctor.</source>
            <translation>请再试一次；若仍然如此，请换一个模型或查看“诊断”。</translation>
        </message>
        <message>
            <source>Ask before each request</source>
            <translation>每个请求前都询问</translation>
        </message>
        <message>
            <source>Ask before sending</source>
            <translation>发送前询问</translation>
        </message>
        <message>
            <source>Ask for a new code.</source>
            <translation>请获取新的代码。</translation>
        </message>
        <message>
            <source>Ask it something</source>
            <translation>问它一句话</translation>
        </message>
        <message>
            <source>Ask it something: llm -m g-copilot-proxy "Hello".</source>
            <translation>问它点什么：llm -m g-copilot-proxy "Hello"。</translation>
        </message>
        <message>
            <source>Ask me</source>
            <translation>询问我</translation>
        </message>
        <message>
            <source>Ask models over a WebSocket</source>
            <translation>通过 WebSocket 询问模型</translation>
        </message>
        <message>
            <source>Asked for</source>
            <translation>所请求的</translation>
        </message>
        <message>
            <source>Asking GitHub for a code</source>
            <translation>正在向 GitHub 索取代码</translation>
        </message>
        <message>
            <source>Asking GitHub for the models</source>
            <translation>正在向 GitHub 询问模型</translation>
        </message>
        <message>
            <source>Asking the keychain</source>
            <translation>正在询问钥匙串</translation>
        </message>
        <message>
            <source>Asks this app's release page once a day. Nothing is fetched unasked.</source>
            <translation>每天查询一次本应用的发布页面；未经同意不会下载任何内容。</translation>
        </message>
        <message>
            <source>At this pace used up on {day}</source>
            <translation>照此速度，将于 {day} 用完</translation>
        </message>
        <message>
            <source>At this pace: about {credits} by the reset</source>
            <translation>按这个速度：到重置时约 {credits}</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>自动</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>返回</translation>
        </message>
        <message>
            <source>Backend</source>
            <translation>后端</translation>
        </message>
        <message>
            <source>Business</source>
            <translation>商业版</translation>
        </message>
        <message>
            <source>Cache</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Cache hits</source>
            <translation>缓存命中</translation>
        </message>
        <message>
            <source>Calls to models are carried by pi-ai {version} on Node.js {node}.</source>
            <translation>对模型的调用由 pi-ai {version} 在 Node.js {node} 上发送。</translation>
        </message>
        <message>
            <source>Calls to models are made by the app itself.</source>
            <translation>对模型的调用由本应用自己发送。</translation>
        </message>
        <message>
            <source>Calls to some models are carried by pi-ai {version} on Node.js {node}.</source>
            <translation>对部分模型的调用由 pi-ai {version} 在 Node.js {node} 上发送。</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Cancel a request</source>
            <translation>取消请求</translation>
        </message>
        <message>
            <source>Cancel the request</source>
            <translation>取消这个请求</translation>
        </message>
        <message>
            <source>Cancel the request of {tool}?</source>
            <translation>取消 {tool} 的请求？</translation>
        </message>
        <message>
            <source>Cancelled</source>
            <translation>已取消</translation>
        </message>
        <message>
            <source>Cannot listen on {host} port {port}: {reason}.</source>
            <translation>无法在 {host} 的端口 {port} 上监听：{reason}。</translation>
        </message>
        <message>
            <source>Cannot use the proxy</source>
            <translation>不能使用本代理</translation>
        </message>
        <message>
            <source>Certificates</source>
            <translation>证书</translation>
        </message>
        <message>
            <source>Change account</source>
            <translation>更换账户</translation>
        </message>
        <message>
            <source>Change budget</source>
            <translation>更改预算</translation>
        </message>
        <message>
            <source>Changed by another program since</source>
            <translation>此后被另一个程序改过</translation>
        </message>
        <message>
            <source>Check again; if it stays like this, see the log.</source>
            <translation>请重新检查；若仍然如此，请看日志。</translation>
        </message>
        <message>
            <source>Check that the proxy's address is right and that it lets you through.</source>
            <translation>请检查网络代理的地址是否正确，以及它是否放行。</translation>
        </message>
        <message>
            <source>Check the network; Doctor shows how far it gets.</source>
            <translation>请检查网络；“诊断”会显示连接到了哪一步。</translation>
        </message>
        <message>
            <source>Check the network; the next request tries again.</source>
            <translation>请检查网络；下一个请求会再试。</translation>
        </message>
        <message>
            <source>Checked against {store}.</source>
            <translation>已用{store}核对。</translation>
        </message>
        <message>
            <source>Checked against {store}; {issuer} signed GitHub's.</source>
            <translation>已用{store}核对；GitHub 的证书由 {issuer} 签发。</translation>
        </message>
        <message>
            <source>Checked {time}, took {seconds}</source>
            <translation>检查于 {time}，用时 {seconds}</translation>
        </message>
        <message>
            <source>Checking</source>
            <translation>检查中</translation>
        </message>
        <message>
            <source>Choose a file for “{name}”</source>
            <translation>为“{name}”选择文件</translation>
        </message>
        <message>
            <source>Choose a model in the tool that the Models page lists.</source>
            <translation>请在工具中选择“模型”页列出的模型。</translation>
        </message>
        <message>
            <source>Choose a plan on GitHub, or sign in with another account.</source>
            <translation>请在 GitHub 上选择套餐，或用另一个账户登录。</translation>
        </message>
        <message>
            <source>Choose another model in the programs that use it.</source>
            <translation>请在使用它的程序中选择其他模型。</translation>
        </message>
        <message>
            <source>Choose the API</source>
            <translation>选择 API</translation>
        </message>
        <message>
            <source>Choose the model in a new chat</source>
            <translation>在新对话中选择模型</translation>
        </message>
        <message>
            <source>Choose the provider</source>
            <translation>选择提供方</translation>
        </message>
        <message>
            <source>Choose “Copilot” in Continue's list of models</source>
            <translation>在 Continue 的模型列表中选择“Copilot”</translation>
        </message>
        <message>
            <source>Choose “Copilot” in Continue's list of models.</source>
            <translation>在 Continue 的模型列表中选择“Copilot”。</translation>
        </message>
        <message>
            <source>Claude models sometimes end an answer with one. It becomes a real call.</source>
            <translation>Claude 模型有时会以这样的文本结束回答。它会变成真正的调用。</translation>
        </message>
        <message>
            <source>Client id</source>
            <translation>客户端 ID</translation>
        </message>
        <message>
            <source>Clock</source>
            <translation>时钟</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Close that program, or change server.port in the settings.</source>
            <translation>请关闭那个程序，或更改设置中的 server.port。</translation>
        </message>
        <message>
            <source>Close that program, or choose another port.</source>
            <translation>请关闭那个程序，或选择其他端口。</translation>
        </message>
        <message>
            <source>Close what has the file open, perhaps a second copy of this app or a backup.</source>
            <translation>请关闭打开着该文件的程序，可能是本应用的另一份或备份程序。</translation>
        </message>
        <message>
            <source>Closes unsent in {time}</source>
            <translation>{time} 后不发送并关闭</translation>
        </message>
        <message>
            <source>Closing connections</source>
            <translation>正在关闭连接</translation>
        </message>
        <message>
            <source>Closing the window without a tray</source>
            <translation>没有托盘时关闭窗口</translation>
        </message>
        <message>
            <source>Commit messages</source>
            <translation>提交说明</translation>
        </message>
        <message>
            <source>Compare the tool's address with the one that Connect shows.</source>
            <translation>请将工具中的地址与“连接”页显示的地址核对。</translation>
        </message>
        <message>
            <source>Connect a tool</source>
            <translation>连接工具</translation>
        </message>
        <message>
            <source>Connect a tool…</source>
            <translation>连接工具…</translation>
        </message>
        <message>
            <source>Connect the tool to this proxy, or start the program it points at.</source>
            <translation>请把该工具连接到本代理，或启动它所指向的程序。</translation>
        </message>
        <message>
            <source>Connect {name}</source>
            <translation>连接 {name}</translation>
        </message>
        <message>
            <source>Connected</source>
            <translation>已连接</translation>
        </message>
        <message>
            <source>Connected by hand</source>
            <translation>已手动连接</translation>
        </message>
        <message>
            <source>Connected, last request {ago}</source>
            <translation>已连接，上次请求 {ago}</translation>
        </message>
        <message>
            <source>Connection error: GitHub Copilot sent an empty answer.</source>
            <translation>连接错误：GitHub Copilot 发来了空的回答。</translation>
        </message>
        <message>
            <source>Connection error: the connection to {host} broke in the middle of its answer.</source>
            <translation>连接错误：与 {host} 的连接在回答中途断开。</translation>
        </message>
        <message>
            <source>Connection error: {host} fell silent in the middle of its answer.</source>
            <translation>连接错误：{host} 在回答中途没有了声音。</translation>
        </message>
        <message>
            <source>Continue</source>
            <translation>继续</translation>
        </message>
        <message>
            <source>Copilot {plan}, {host}</source>
            <translation>Copilot {plan}，{host}</translation>
        </message>
        <message>
            <source>Copilot {plan}. This window closes by itself.</source>
            <translation>Copilot {plan}。此窗口会自行关闭。</translation>
        </message>
        <message>
            <source>Copy base URL</source>
            <translation>复制基础地址</translation>
        </message>
        <message>
            <source>Copy details</source>
            <translation>复制详情</translation>
        </message>
        <message>
            <source>Copy step {number}</source>
            <translation>复制第 {number} 步</translation>
        </message>
        <message>
            <source>Copy what GitHub answered</source>
            <translation>复制 GitHub 的回答</translation>
        </message>
        <message>
            <source>Copy what the tool asked</source>
            <translation>复制工具的请求</translation>
        </message>
        <message>
            <source>Copy what the tool got back</source>
            <translation>复制工具收到的回答</translation>
        </message>
        <message>
            <source>Copy what was sent to GitHub</source>
            <translation>复制发往 GitHub 的内容</translation>
        </message>
        <message>
            <source>Correct it in the settings file, or save it again to try once more.</source>
            <translation>请在设置文件中改正，或重新保存以再试一次。</translation>
        </message>
        <message>
            <source>Correct it in {file}; it is read again when you save it.</source>
            <translation>请在 {file} 中改正；保存后会重新读取。</translation>
        </message>
        <message>
            <source>Correct or remove it in {file}.</source>
            <translation>请在 {file} 中改正或删除它。</translation>
        </message>
        <message>
            <source>Correct that line in {file}; it is read again when you save it.</source>
            <translation>请改正 {file} 中的那一行；保存后会重新读取。</translation>
        </message>
        <message>
            <source>Correct the proxy's address, or remove it.</source>
            <translation>请改正网络代理的地址，或将其删除。</translation>
        </message>
        <message>
            <source>Correct them in {file}.</source>
            <translation>请在 {file} 中改正它们。</translation>
        </message>
        <message>
            <source>Correct upstream.ca_file, or remove it.</source>
            <translation>请改正 upstream.ca_file，或将其删除。</translation>
        </message>
        <message>
            <source>Could not start</source>
            <translation>无法启动</translation>
        </message>
        <message>
            <source>Could not start: {why}</source>
            <translation>无法启动：{why}</translation>
        </message>
        <message>
            <source>Counted by GitHub as</source>
            <translation>GitHub 计为</translation>
        </message>
        <message>
            <source>Counted by calendar months. Leave it empty for none.</source>
            <translation>按自然月统计。留空则不设。</translation>
        </message>
        <message>
            <source>Counts and names on this computer, never prompts or answers.</source>
            <translation>本机上的计数和名称，绝不包含提示词或回答。</translation>
        </message>
        <message>
            <source>Credits</source>
            <translation>点数</translation>
        </message>
        <message>
            <source>Credits a day</source>
            <translation>每天点数</translation>
        </message>
        <message>
            <source>Credits a month</source>
            <translation>每月点数</translation>
        </message>
        <message>
            <source>Credits by day, {range}</source>
            <translation>每日点数，{range}</translation>
        </message>
        <message>
            <source>Cursor's own servers send its requests, and they cannot reach an address on this computer.</source>
            <translation>Cursor 的请求由它自己的服务器发出，而那些服务器访问不到本机的地址。</translation>
        </message>
        <message>
            <source>Custom</source>
            <translation>自定义</translation>
        </message>
        <message>
            <source>Cut off: the proxy was stopped</source>
            <translation>已中断：代理已停止</translation>
        </message>
        <message>
            <source>Daily budget {credits}</source>
            <translation>每日预算 {credits}</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>深色</translation>
        </message>
        <message>
            <source>Delete it</source>
            <translation>删除</translation>
        </message>
        <message>
            <source>Delete {file} once you no longer want it.</source>
            <translation>不再需要 {file} 时可将其删除。</translation>
        </message>
        <message>
            <source>Deletes every entry on this computer for good. GitHub keeps its own figures.</source>
            <translation>永久删除本机上的每条记录。GitHub 保留它自己的数字。</translation>
        </message>
        <message>
            <source>Demo running on {address}</source>
            <translation>演示运行于 {address}</translation>
        </message>
        <message>
            <source>Demo: a simulated GitHub on this computer</source>
            <translation>演示：本机上模拟的 GitHub</translation>
        </message>
        <message>
            <source>Details copied</source>
            <translation>已复制详情</translation>
        </message>
        <message>
            <source>Direct</source>
            <translation>直连</translation>
        </message>
        <message>
            <source>Doctor says what the backend pi_ai lacks, and installs it.</source>
            <translation>“诊断”会说明后端 pi_ai 缺少什么，并安装它。</translation>
        </message>
        <message>
            <source>Doctor…</source>
            <translation>诊断…</translation>
        </message>
        <message>
            <source>Don't ask again for {tool} until I quit</source>
            <translation>在我退出前不再询问 {tool}</translation>
        </message>
        <message>
            <source>Don't ask for all named {tool} until I quit</source>
            <translation>在我退出前不再询问所有自称 {tool} 的程序</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>完成</translation>
        </message>
        <message>
            <source>Done after sending again</source>
            <translation>重新发送后完成</translation>
        </message>
        <message>
            <source>Dropped</source>
            <translation>已略去</translation>
        </message>
        <message>
            <source>Editor plugin version</source>
            <translation>编辑器插件版本</translation>
        </message>
        <message>
            <source>Editor version</source>
            <translation>编辑器版本</translation>
        </message>
        <message>
            <source>Edits</source>
            <translation>编辑</translation>
        </message>
        <message>
            <source>Embeddings unchanged. It answers no prompts.</source>
            <translation>嵌入原样通过。它不回答提示。</translation>
        </message>
        <message>
            <source>Enterprise</source>
            <translation>企业版</translation>
        </message>
        <message>
            <source>Estimated here: GitHub sent no bill.</source>
            <translation>此处估算：GitHub 没有给出账单。</translation>
        </message>
        <message>
            <source>Every entry on this computer is deleted. This cannot be undone.</source>
            <translation>本机上的每条记录都会删除，无法撤销。</translation>
        </message>
        <message>
            <source>Every request waits for you, with its model, size and expected credits.</source>
            <translation>每个请求都会等你，并显示其模型、大小和预计点数。</translation>
        </message>
        <message>
            <source>Everything</source>
            <translation>全部</translation>
        </message>
        <message>
            <source>Extra CA file</source>
            <translation>额外的 CA 文件</translation>
        </message>
        <message>
            <source>Extra host names</source>
            <translation>额外的主机名</translation>
        </message>
        <message>
            <source>Failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>Failed inside the proxy</source>
            <translation>在代理内部失败</translation>
        </message>
        <message>
            <source>Failed: GitHub does not answer</source>
            <translation>失败：GitHub 没有回应</translation>
        </message>
        <message>
            <source>Failed: GitHub is overloaded</source>
            <translation>失败：GitHub 过载</translation>
        </message>
        <message>
            <source>Failed: longer than the model can read</source>
            <translation>失败：超过模型能读的长度</translation>
        </message>
        <message>
            <source>Failed: no answer in time</source>
            <translation>失败：没有及时回答</translation>
        </message>
        <message>
            <source>Failed: nobody is signed in</source>
            <translation>失败：没有人登录</translation>
        </message>
        <message>
            <source>Failed: that content type is not supported</source>
            <translation>失败：不支持该内容类型</translation>
        </message>
        <message>
            <source>Failed: that method is not allowed at this address</source>
            <translation>失败：此地址不允许该方法</translation>
        </message>
        <message>
            <source>Failed: the chosen backend cannot be used</source>
            <translation>失败：所选的后端无法使用</translation>
        </message>
        <message>
            <source>Failed: the local key is missing or wrong</source>
            <translation>失败：缺少本地密钥或密钥不对</translation>
        </message>
        <message>
            <source>Failed: the model is not known</source>
            <translation>失败：不认识这个模型</translation>
        </message>
        <message>
            <source>Failed: the request is not valid</source>
            <translation>失败：请求无效</translation>
        </message>
        <message>
            <source>Failed: the request is too large</source>
            <translation>失败：请求太大</translation>
        </message>
        <message>
            <source>Failed: there is no such address</source>
            <translation>失败：没有这个地址</translation>
        </message>
        <message>
            <source>Failed: your sign-in was not at hand</source>
            <translation>失败：暂时无法取得你的登录</translation>
        </message>
        <message>
            <source>Faster for tools that can; off, they fall back by themselves.</source>
            <translation>对支持它的工具更快；关闭时它们会自行退回。</translation>
        </message>
        <message>
            <source>Fetch it</source>
            <translation>下载</translation>
        </message>
        <message>
            <source>Figures start with the first request.</source>
            <translation>数字从第一个请求开始。</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>First word</source>
            <translation>首个词</translation>
        </message>
        <message>
            <source>First word, in {count} tries</source>
            <translation>首字，共尝试 {count} 次</translation>
        </message>
        <message>
            <source>For desktops that show no tray icon; elsewhere the app stays in the tray.</source>
            <translation>用于不显示托盘图标的桌面；在其他桌面上，应用会留在托盘中。</translation>
        </message>
        <message>
            <source>For tools that speak only it, such as Gemini CLI; below /v1beta.</source>
            <translation>供只支持该接口的工具使用，例如 Gemini CLI；地址在 /v1beta 之下。</translation>
        </message>
        <message>
            <source>For tools that speak only it; below /api.</source>
            <translation>供只支持该接口的工具使用；地址在 /api 之下。</translation>
        </message>
        <message>
            <source>Forecast</source>
            <translation>预测</translation>
        </message>
        <message>
            <source>Forget everything</source>
            <translation>全部忘记</translation>
        </message>
        <message>
            <source>Forget it when I quit</source>
            <translation>退出时忘记</translation>
        </message>
        <message>
            <source>Forget the history</source>
            <translation>忘记历史</translation>
        </message>
        <message>
            <source>Forget the whole history of usage?</source>
            <translation>忘记全部用量历史？</translation>
        </message>
        <message>
            <source>Found on this computer. Nothing is written: copy what each step says.</source>
            <translation>已在本机找到。不会写入任何文件：请复制每一步的内容。</translation>
        </message>
        <message>
            <source>Found version {version}.</source>
            <translation>找到版本 {version}。</translation>
        </message>
        <message>
            <source>Found version {version}. Nothing is written: copy what each step says.</source>
            <translation>找到版本 {version}。不会写入任何文件：请复制每一步的内容。</translation>
        </message>
        <message>
            <source>Free</source>
            <translation>免费版</translation>
        </message>
        <message>
            <source>Free some space on the disk that holds {file}.</source>
            <translation>请在存放 {file} 的磁盘上腾出空间。</translation>
        </message>
        <message>
            <source>From cache</source>
            <translation>来自缓存</translation>
        </message>
        <message>
            <source>From the environment</source>
            <translation>来自环境变量</translation>
        </message>
        <message>
            <source>From the system settings</source>
            <translation>来自系统设置</translation>
        </message>
        <message>
            <source>From this app's settings</source>
            <translation>来自本应用的设置</translation>
        </message>
        <message>
            <source>From version 1.122 on. Its keys lie in its own secret store, so nothing is written for it.</source>
            <translation>需 1.122 或更新版本。它的密钥存放在自己的机密存储中，因此不会替它写入任何内容。</translation>
        </message>
        <message>
            <source>Further requests are refused.</source>
            <translation>之后的请求会被拒绝。</translation>
        </message>
        <message>
            <source>General</source>
            <translation>常规</translation>
        </message>
        <message>
            <source>GitHub Copilot broke off</source>
            <translation>GitHub Copilot 中断了</translation>
        </message>
        <message>
            <source>GitHub Copilot fell silent</source>
            <translation>GitHub Copilot 没有了回应</translation>
        </message>
        <message>
            <source>GitHub Copilot refused the request</source>
            <translation>GitHub Copilot 拒绝了请求</translation>
        </message>
        <message>
            <source>GitHub Copilot sent an empty answer</source>
            <translation>GitHub Copilot 发来了空的回答</translation>
        </message>
        <message>
            <source>GitHub Copilot sent something unreadable</source>
            <translation>GitHub Copilot 发来无法读取的内容</translation>
        </message>
        <message>
            <source>GitHub address</source>
            <translation>GitHub 地址</translation>
        </message>
        <message>
            <source>GitHub did not answer since {time}</source>
            <translation>GitHub 自 {time} 起没有回应</translation>
        </message>
        <message>
            <source>GitHub did not say which plan this account has.</source>
            <translation>GitHub 没有说明这个账户是什么套餐。</translation>
        </message>
        <message>
            <source>GitHub does not answer</source>
            <translation>GitHub 没有回应</translation>
        </message>
        <message>
            <source>GitHub does not answer as it should: {reason}</source>
            <translation>GitHub 的回应不正常：{reason}</translation>
        </message>
        <message>
            <source>GitHub does not answer. The code stays good, trying again</source>
            <translation>GitHub 没有回应。代码仍然有效，正在重试</translation>
        </message>
        <message>
            <source>GitHub does not offer a WebSocket here</source>
            <translation>GitHub 在此不提供 WebSocket</translation>
        </message>
        <message>
            <source>GitHub does not say when it resets</source>
            <translation>GitHub 没有说明何时重置</translation>
        </message>
        <message>
            <source>GitHub ended the session</source>
            <translation>GitHub 结束了会话</translation>
        </message>
        <message>
            <source>GitHub ended the session.</source>
            <translation>GitHub 结束了会话。</translation>
        </message>
        <message>
            <source>GitHub lists no models</source>
            <translation>GitHub 没有列出模型</translation>
        </message>
        <message>
            <source>GitHub no longer accepts this sign-in: {reason}</source>
            <translation>GitHub 不再接受此登录：{reason}</translation>
        </message>
        <message>
            <source>GitHub no longer accepts this sign-in: {reason}. If you did not end it: GitHub keeps a limited number of sign-ins for an app and ends the oldest when other programs sign in with the same one.</source>
            <translation>GitHub 不再接受此登录：{reason}。如果不是你结束的：GitHub 对每个应用只保留有限数量的登录，其他程序用同一应用登录时会结束最早的那个。</translation>
        </message>
        <message>
            <source>GitHub offers this account no model.</source>
            <translation>GitHub 没有为这个账户提供模型。</translation>
        </message>
        <message>
            <source>GitHub offers this interface to its own clients. It may change it, or limit an account that uses it this way. This app is not affiliated with GitHub.</source>
            <translation>GitHub 把这个接口提供给它自己的客户端。它可能更改接口，或限制这样使用的账户。本应用与 GitHub 没有关联。</translation>
        </message>
        <message>
            <source>GitHub refused to start signing in ({status}): {reason}</source>
            <translation>GitHub 拒绝开始登录（{status}）：{reason}</translation>
        </message>
        <message>
            <source>GitHub says {used}</source>
            <translation>GitHub 说 {used}</translation>
        </message>
        <message>
            <source>GitHub says {used}, {ago}</source>
            <translation>GitHub 说 {used}，{ago}</translation>
        </message>
        <message>
            <source>GitHub switched {model} off for your account. {reason}</source>
            <translation>GitHub 为你的账户关闭了 {model}。{reason}</translation>
        </message>
        <message>
            <source>GitHub took {model} off your account's list.</source>
            <translation>GitHub 已把 {model} 从你账户的列表中移除。</translation>
        </message>
        <message>
            <source>GitHub's certificate is not trusted</source>
            <translation>GitHub 的证书不受信任</translation>
        </message>
        <message>
            <source>GitHub's limit</source>
            <translation>GitHub 的限制</translation>
        </message>
        <message>
            <source>GitHub's list, {age}. Prices in credits per 1M tokens; 1 credit is 0.01 US$.</source>
            <translation>GitHub 的列表，{age}。价格为每 100 万词元的点数；1 点数为 0.01 美元。</translation>
        </message>
        <message>
            <source>Give the tool the local key that Connect shows.</source>
            <translation>请把“连接”页显示的本地密钥填入工具。</translation>
        </message>
        <message>
            <source>How often a waiting tool is told that its answer is still coming.</source>
            <translation>每隔多久告诉等待中的工具：回答还在路上。</translation>
        </message>
        <message>
            <source>If ANTHROPIC_API_KEY is set too, remove it: it would be used instead.</source>
            <translation>如果还设置了 ANTHROPIC_API_KEY，请去掉它：否则会优先使用它。</translation>
        </message>
        <message>
            <source>If an organisation gives you Copilot, ask its owner which models are on.</source>
            <translation>如果 Copilot 由组织提供，请询问其所有者开放了哪些模型。</translation>
        </message>
        <message>
            <source>If it is a tool of yours, give it the local key; it may still use an old one.</source>
            <translation>如果是你的工具，请给它本地密钥；它可能还在用旧的。</translation>
        </message>
        <message>
            <source>In a container, 127.0.0.1 is the container: use host.docker.internal, and let other computers connect in the settings.</source>
            <translation>在容器中，127.0.0.1 指容器本身：请使用 host.docker.internal，并在设置中允许其他计算机连接。</translation>
        </message>
        <message>
            <source>In place of the local key, for that request only. It is never stored.</source>
            <translation>代替本地密钥，只用于那一个请求，从不保存。</translation>
        </message>
        <message>
            <source>In short</source>
            <translation>简要</translation>
        </message>
        <message>
            <source>In {file} {where} cannot be read: {reason}. {stay}</source>
            <translation>{file} 的{where}无法读取：{reason}。{stay}</translation>
        </message>
        <message>
            <source>Included models still work; the rest waits until it is reset.</source>
            <translation>套餐内含的模型仍可使用；其余要等到重置。</translation>
        </message>
        <message>
            <source>Install Node.js 22.19 or newer (20 will do) from nodejs.org, or name it in upstream.node_path. The backend “copilot” needs nothing else.</source>
            <translation>请从 nodejs.org 安装 Node.js 22.19 或更新版本(20 也可以)，或在 upstream.node_path 中指明它。后端“copilot”不需要任何其他东西。</translation>
        </message>
        <message>
            <source>Install it</source>
            <translation>安装</translation>
        </message>
        <message>
            <source>Install its package, or take it out of upstream.request_handlers.</source>
            <translation>请安装它的软件包，或把它从 upstream.request_handlers 中去掉。</translation>
        </message>
        <message>
            <source>Install the newer version again; the file is left as it is.</source>
            <translation>请重新安装较新的版本；文件保持原样。</translation>
        </message>
        <message>
            <source>Installed add-ons that may see and change calls to GitHub. Separate by commas.</source>
            <translation>已安装的、可以查看和更改发往 GitHub 的调用的附加组件。用逗号分隔。</translation>
        </message>
        <message>
            <source>Integration id</source>
            <translation>集成 ID</translation>
        </message>
        <message>
            <source>Internal error</source>
            <translation>内部错误</translation>
        </message>
        <message>
            <source>It answered without any words.</source>
            <translation>它的回答没有任何文字。</translation>
        </message>
        <message>
            <source>It answers no prompts, so there is nothing to try here.</source>
            <translation>它不回答提示，所以这里没有可试的。</translation>
        </message>
        <message>
            <source>It can also sign in to GitHub by itself; through the proxy you see what it costs.</source>
            <translation>它也能自己登录 GitHub；经过本代理，你能看到它的花费。</translation>
        </message>
        <message>
            <source>It cannot be read: {why}</source>
            <translation>无法读取：{why}</translation>
        </message>
        <message>
            <source>It could not be changed: {why}</source>
            <translation>无法更改：{why}</translation>
        </message>
        <message>
            <source>It could not be looked at ({error}).</source>
            <translation>无法检查（{error}）。</translation>
        </message>
        <message>
            <source>It could not be looked at: {reason}.</source>
            <translation>无法检查：{reason}。</translation>
        </message>
        <message>
            <source>It had lines that could not be read. It was kept as {name}; the new one says what was in force, with those lines as comments.</source>
            <translation>其中有无法读取的行。它保留为 {name}；新文件写的是生效中的设置，那些行成了注释。</translation>
        </message>
        <message>
            <source>It is left as it is. Remove it if you do not need it.</source>
            <translation>保持原样。如果不需要，请将它移除。</translation>
        </message>
        <message>
            <source>It is started again in {seconds} s.</source>
            <translation>{seconds} 秒后会再次启动。</translation>
        </message>
        <message>
            <source>It is used from the next start.</source>
            <translation>下次启动时使用。</translation>
        </message>
        <message>
            <source>It is your own budget. Requests go on.</source>
            <translation>这是你自己的预算。请求照常进行。</translation>
        </message>
        <message>
            <source>It is {value} until then, so that nothing is opened or spent by mistake.</source>
            <translation>在此之前为 {value}，以免误开放或误花费。</translation>
        </message>
        <message>
            <source>It points at {address} now.</source>
            <translation>它现在指向 {address}。</translation>
        </message>
        <message>
            <source>It points at {address}, where this server is not. Apply the change.</source>
            <translation>它指向 {address}，而本服务器不在那里。请应用更改。</translation>
        </message>
        <message>
            <source>It runs on Node.js {node}.</source>
            <translation>它在 Node.js {node} 上运行。</translation>
        </message>
        <message>
            <source>It speaks only Google's API: switch that on in the settings.</source>
            <translation>它只支持 Google 的接口：请在设置中开启。</translation>
        </message>
        <message>
            <source>It speaks only Ollama's API: switch that on in the settings.</source>
            <translation>它只支持 Ollama 的接口：请在设置中开启。</translation>
        </message>
        <message>
            <source>It starts another copy of this app than the one that runs.</source>
            <translation>它启动的是本应用的另一个副本，而不是正在运行的这个。</translation>
        </message>
        <message>
            <source>It took {seconds} s to answer.</source>
            <translation>它用了 {seconds} 秒才回应。</translation>
        </message>
        <message>
            <source>It waits for you to agree to its terms.</source>
            <translation>它在等你同意条款。</translation>
        </message>
        <message>
            <source>It was the first request of its conversation.</source>
            <translation>这是这段对话的第一个请求。</translation>
        </message>
        <message>
            <source>Its backup was gone. Ours is removed, and what it replaced is not put back.</source>
            <translation>备份已不在。我们写的内容已移除，被替换的内容无法恢复。</translation>
        </message>
        <message>
            <source>Its icon opens the window again; Quit is in its menu.</source>
            <translation>点击它的图标可重新打开窗口；“退出”在它的菜单中。</translation>
        </message>
        <message>
            <source>Its key lies in the system's keychain or in a variable, so nothing is written for it.</source>
            <translation>它的密钥存放在系统钥匙串或变量中，因此不会替它写入任何内容。</translation>
        </message>
        <message>
            <source>Its settings are changed for you; what you wrote stays.</source>
            <translation>会替你更改它的设置；你写的内容保持不变。</translation>
        </message>
        <message>
            <source>Its settings are what they were before.</source>
            <translation>它的设置已恢复原样。</translation>
        </message>
        <message>
            <source>Its settings cannot be read</source>
            <translation>无法读取它的设置</translation>
        </message>
        <message>
            <source>Its settings were changed since. Your edit stays, ours is removed.</source>
            <translation>它的设置此后被改过。你的修改保留，我们的已移除。</translation>
        </message>
        <message>
            <source>Keep Claude Code's system prompt stable</source>
            <translation>让 Claude Code 的系统提示保持稳定</translation>
        </message>
        <message>
            <source>Keep a history of usage</source>
            <translation>保存用量历史</translation>
        </message>
        <message>
            <source>Keep it</source>
            <translation>保留</translation>
        </message>
        <message>
            <source>Keep it in a file</source>
            <translation>保存在文件中</translation>
        </message>
        <message>
            <source>Keep running</source>
            <translation>继续运行</translation>
        </message>
        <message>
            <source>Keep serving</source>
            <translation>继续服务</translation>
        </message>
        <message>
            <source>Keep the history</source>
            <translation>保留历史</translation>
        </message>
        <message>
            <source>Keep the history for days</source>
            <translation>历史保留天数</translation>
        </message>
        <message>
            <source>Keep the key; it asks for it</source>
            <translation>保存密钥；它会问你</translation>
        </message>
        <message>
            <source>Keep the sign-in in a file: set account.token_storage to “file”.</source>
            <translation>把登录保存在文件中：将 account.token_storage 设为“file”。</translation>
        </message>
        <message>
            <source>Keep {port}</source>
            <translation>保留 {port}</translation>
        </message>
        <message>
            <source>Keep-alive, in seconds</source>
            <translation>保活间隔（秒）</translation>
        </message>
        <message>
            <source>Keeps the text of new requests and answers for you to read here. In memory only, never in a file or log; gone ten minutes after tracing ends.</source>
            <translation>保留新请求和回答的文本，供你在此查看。仅保存在内存中，绝不写入文件或日志；跟踪结束十分钟后即清除。</translation>
        </message>
        <message>
            <source>Keeps web pages and other programs out.</source>
            <translation>把网页和其他程序挡在外面。</translation>
        </message>
        <message>
            <source>Kept for {days} days, counts only.</source>
            <translation>保留 {days} 天，只有数量。</translation>
        </message>
        <message>
            <source>Keychain</source>
            <translation>钥匙串</translation>
        </message>
        <message>
            <source>Keychain, or ask me</source>
            <translation>钥匙串，或询问我</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>密钥</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>Larger ones are refused before they are read.</source>
            <translation>更大的请求在读取前就会被拒绝。</translation>
        </message>
        <message>
            <source>Largest request, in MB</source>
            <translation>最大请求，MB</translation>
        </message>
        <message>
            <source>Last request {ago}</source>
            <translation>上次请求：{ago}</translation>
        </message>
        <message>
            <source>Last: {model}, {tool}</source>
            <translation>上次：{model}，{tool}</translation>
        </message>
        <message>
            <source>Last: {model}, {tool}, cancelled</source>
            <translation>上次：{model}，{tool}，已取消</translation>
        </message>
        <message>
            <source>Last: {model}, {tool}, failed</source>
            <translation>上次：{model}，{tool}，失败</translation>
        </message>
        <message>
            <source>Last: {model}, {tool}, not sent</source>
            <translation>上次：{model}，{tool}，未发送</translation>
        </message>
        <message>
            <source>Later</source>
            <translation>以后再说</translation>
        </message>
        <message>
            <source>Learned</source>
            <translation>已学到</translation>
        </message>
        <message>
            <source>Leave it empty for the one on the PATH.</source>
            <translation>留空则使用 PATH 中的那个。</translation>
        </message>
        <message>
            <source>Leave out what was refused</source>
            <translation>略去被拒绝的</translation>
        </message>
        <message>
            <source>Leave the demo</source>
            <translation>离开演示</translation>
        </message>
        <message>
            <source>Less than {seconds} s off, fine.</source>
            <translation>相差不到 {seconds} 秒，没有问题。</translation>
        </message>
        <message>
            <source>Let all named {tool} overspend until I quit</source>
            <translation>在我退出前允许所有自称 {tool} 的程序超出预算</translation>
        </message>
        <message>
            <source>Let it run</source>
            <translation>让它继续</translation>
        </message>
        <message>
            <source>Let tools use a GitHub token of their own</source>
            <translation>让工具使用自己的 GitHub 令牌</translation>
        </message>
        <message>
            <source>Let your user write to the folder {folder}.</source>
            <translation>请让你的用户可以写入文件夹 {folder}。</translation>
        </message>
        <message>
            <source>Let {tool} overspend until I quit</source>
            <translation>在我退出前允许 {tool} 超出已用完的预算</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>浅色</translation>
        </message>
        <message>
            <source>Light, dark, or as your system says.</source>
            <translation>浅色、深色，或跟随系统。</translation>
        </message>
        <message>
            <source>Limits and budgets</source>
            <translation>限制与预算</translation>
        </message>
        <message>
            <source>Listen on 127.0.0.1 in the settings to close it.</source>
            <translation>要关闭，请在设置中改为监听 127.0.0.1。</translation>
        </message>
        <message>
            <source>Local key</source>
            <translation>本地密钥</translation>
        </message>
        <message>
            <source>Local key (not required)</source>
            <translation>本地密钥（不要求）</translation>
        </message>
        <message>
            <source>Log folder</source>
            <translation>日志文件夹</translation>
        </message>
        <message>
            <source>Longer pauses are told to the tool at once.</source>
            <translation>更长的暂停会立即告知工具。</translation>
        </message>
        <message>
            <source>Longest queue</source>
            <translation>最长队列</translation>
        </message>
        <message>
            <source>Look at Doctor.</source>
            <translation>请查看“诊断”。</translation>
        </message>
        <message>
            <source>Look at Doctor: your plan or your organisation may not allow it.</source>
            <translation>请查看“诊断”：你的套餐或组织可能不允许。</translation>
        </message>
        <message>
            <source>Look at the disk it lies on.</source>
            <translation>请检查它所在的磁盘。</translation>
        </message>
        <message>
            <source>Look at the log, and report it if it happens again.</source>
            <translation>请查看日志；若再次发生，请报告。</translation>
        </message>
        <message>
            <source>Look at the report</source>
            <translation>查看报告</translation>
        </message>
        <message>
            <source>Look at your billing page at GitHub, or wait for the reset on Usage.</source>
            <translation>请查看 GitHub 的账单页，或等待“用量”中显示的重置。</translation>
        </message>
        <message>
            <source>Look for new versions</source>
            <translation>检查新版本</translation>
        </message>
        <message>
            <source>Look through older ones</source>
            <translation>查找更早的</translation>
        </message>
        <message>
            <source>Looking</source>
            <translation>正在查找</translation>
        </message>
        <message>
            <source>Looking for tools on this computer</source>
            <translation>正在本机寻找工具</translation>
        </message>
        <message>
            <source>Looking for your sign-in</source>
            <translation>正在查找你的登录</translation>
        </message>
        <message>
            <source>Main</source>
            <translation>主模型</translation>
        </message>
        <message>
            <source>Make a key for {name}</source>
            <translation>为 {name} 生成密钥</translation>
        </message>
        <message>
            <source>Make it readable for your account.</source>
            <translation>请让你的账户可以读取它。</translation>
        </message>
        <message>
            <source>Make room or give your account access to that folder, then sign in again.</source>
            <translation>请腾出空间或让你的账户可以访问该文件夹，然后重新登录。</translation>
        </message>
        <message>
            <source>Make that folder yours, or set {variable} to a folder that is.</source>
            <translation>请把该文件夹设为你所有，或将 {variable} 设为你自己的文件夹。</translation>
        </message>
        <message>
            <source>Make the file readable for your account.</source>
            <translation>请让你的账户可以读取该文件。</translation>
        </message>
        <message>
            <source>Make this its settings; where the file exists, add only the entry below “models:”</source>
            <translation>把这些作为它的设置；如果文件已经存在，只把条目加到“models:”之下</translation>
        </message>
        <message>
            <source>Max</source>
            <translation>Max</translation>
        </message>
        <message>
            <source>Measured facts</source>
            <translation>实测结果</translation>
        </message>
        <message>
            <source>Memory, until I quit</source>
            <translation>内存，直到我退出</translation>
        </message>
        <message>
            <source>Message</source>
            <translation>消息</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Model id copied</source>
            <translation>已复制模型 ID</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Models and policy</source>
            <translation>模型与策略</translation>
        </message>
        <message>
            <source>Models that another backend carries</source>
            <translation>由其他后端发送的模型</translation>
        </message>
        <message>
            <source>Models that think may say nothing for minutes.</source>
            <translation>会思考的模型可能几分钟不说话。</translation>
        </message>
        <message>
            <source>More than this wait in a queue.</source>
            <translation>超出的请求排队等待。</translation>
        </message>
        <message>
            <source>Move that file elsewhere; it is left as it is.</source>
            <translation>请把该文件移到别处；它保持原样。</translation>
        </message>
        <message>
            <source>Name a model of your plan in your code</source>
            <translation>在你的代码中写上你套餐里的一个模型</translation>
        </message>
        <message>
            <source>Name another in upstream.node_path.</source>
            <translation>请在 upstream.node_path 中指明另一个。</translation>
        </message>
        <message>
            <source>Name not stored</source>
            <translation>名称未保存</translation>
        </message>
        <message>
            <source>Names this computer goes by, besides localhost. Separate them by commas.</source>
            <translation>除 localhost 外，本机使用的名称。用逗号分隔。</translation>
        </message>
        <message>
            <source>Needs you</source>
            <translation>需要你</translation>
        </message>
        <message>
            <source>Needs {plan}</source>
            <translation>需要 {plan}</translation>
        </message>
        <message>
            <source>Network</source>
            <translation>网络</translation>
        </message>
        <message>
            <source>Network proxy</source>
            <translation>网络代理</translation>
        </message>
        <message>
            <source>Never</source>
            <translation>从不</translation>
        </message>
        <message>
            <source>Never send it</source>
            <translation>从不发送</translation>
        </message>
        <message>
            <source>New code</source>
            <translation>新代码</translation>
        </message>
        <message>
            <source>New input</source>
            <translation>新输入</translation>
        </message>
        <message>
            <source>New requests wait; nothing needs to be done.</source>
            <translation>新的请求会等待；无需操作。</translation>
        </message>
        <message>
            <source>No Copilot plan, {host}</source>
            <translation>没有 Copilot 套餐，{host}</translation>
        </message>
        <message>
            <source>No account</source>
            <translation>没有账户</translation>
        </message>
        <message>
            <source>No answer</source>
            <translation>没有回答</translation>
        </message>
        <message>
            <source>No answer within {seconds} s.</source>
            <translation>{seconds} 秒内没有回应。</translation>
        </message>
        <message>
            <source>No connection to {host} came about in time. Check the network, then try again.</source>
            <translation>未能及时连接到 {host}。请检查网络，然后重试。</translation>
        </message>
        <message>
            <source>No file manager opened; the path is copied</source>
            <translation>没有打开文件管理器；已复制路径</translation>
        </message>
        <message>
            <source>No key is required now; the steps carry the local one.</source>
            <translation>现在不要求密钥；步骤中写的是本地密钥。</translation>
        </message>
        <message>
            <source>No model</source>
            <translation>没有模型</translation>
        </message>
        <message>
            <source>No model is in this list</source>
            <translation>此列表中没有模型</translation>
        </message>
        <message>
            <source>No model matches “{search}”</source>
            <translation>没有模型符合“{search}”</translation>
        </message>
        <message>
            <source>No request running</source>
            <translation>没有进行中的请求</translation>
        </message>
        <message>
            <source>No requests yet</source>
            <translation>还没有请求</translation>
        </message>
        <message>
            <source>No setting matches “{text}”</source>
            <translation>没有设置符合“{text}”</translation>
        </message>
        <message>
            <source>No settings file yet: every setting has its default.</source>
            <translation>还没有设置文件：所有设置均为默认值。</translation>
        </message>
        <message>
            <source>No tool points at a port where nothing answers.</source>
            <translation>没有工具指向无人应答的端口。</translation>
        </message>
        <message>
            <source>No tool that we know was found here. The Connect page has steps for all of them.</source>
            <translation>这里没有找到我们认识的工具。连接页面有它们全部的步骤。</translation>
        </message>
        <message>
            <source>No tool that we know was found on this computer</source>
            <translation>本机没有找到我们认识的工具</translation>
        </message>
        <message>
            <source>Nobody is signed in to {host}</source>
            <translation>没有人登录 {host}</translation>
        </message>
        <message>
            <source>Nobody is signed in.</source>
            <translation>没有人登录。</translation>
        </message>
        <message>
            <source>Node.js could not be started: {reason}.</source>
            <translation>无法启动 Node.js:{reason}。</translation>
        </message>
        <message>
            <source>Node.js for pi-ai</source>
            <translation>用于 pi-ai 的 Node.js</translation>
        </message>
        <message>
            <source>Node.js was not found.</source>
            <translation>找不到 Node.js。</translation>
        </message>
        <message>
            <source>Node.js {version} at {path} is too old.</source>
            <translation>{path} 处的 Node.js {version} 太旧。</translation>
        </message>
        <message>
            <source>None is set; connections go straight to GitHub.</source>
            <translation>未设置；直接连接 GitHub。</translation>
        </message>
        <message>
            <source>None of the requests fits the filters.</source>
            <translation>没有请求符合筛选条件。</translation>
        </message>
        <message>
            <source>None was recorded.</source>
            <translation>没有记录。</translation>
        </message>
        <message>
            <source>Not asked: nobody is signed in.</source>
            <translation>未查询：没有人登录。</translation>
        </message>
        <message>
            <source>Not checked yet</source>
            <translation>还没有检查</translation>
        </message>
        <message>
            <source>Not checked: GitHub could not be reached.</source>
            <translation>未检查：无法连接 GitHub。</translation>
        </message>
        <message>
            <source>Not known</source>
            <translation>未知</translation>
        </message>
        <message>
            <source>Not looked at: a demo leaves your files alone.</source>
            <translation>未查看：演示不会动你的文件。</translation>
        </message>
        <message>
            <source>Not needed: the connection stays on this computer.</source>
            <translation>不需要：连接不离开本机。</translation>
        </message>
        <message>
            <source>Not offered to tools: it only completes code in editors.</source>
            <translation>不提供给工具：它只在编辑器中补全代码。</translation>
        </message>
        <message>
            <source>Not sent</source>
            <translation>未发送</translation>
        </message>
        <message>
            <source>Not sent: your own budget is reached</source>
            <translation>未发送：已达到你自己的预算</translation>
        </message>
        <message>
            <source>Not used: your sign-in is kept in {place}.</source>
            <translation>未使用：你的登录保存在{place}中。</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>说明</translation>
        </message>
        <message>
            <source>Nothing changed here; GitHub did not use its cache this time.</source>
            <translation>这里什么都没变；GitHub 这次没有使用缓存。</translation>
        </message>
        <message>
            <source>Nothing is kept</source>
            <translation>没有保存任何内容</translation>
        </message>
        <message>
            <source>Nothing is kept after you quit.</source>
            <translation>退出后不保留任何内容。</translation>
        </message>
        <message>
            <source>Nothing is lost.</source>
            <translation>没有丢失任何内容。</translation>
        </message>
        <message>
            <source>Nothing is sent until you answer.</source>
            <translation>在你答复之前什么都不会发送。</translation>
        </message>
        <message>
            <source>Nothing is written: copy what each step says.</source>
            <translation>不会写入任何文件：请复制每一步的内容。</translation>
        </message>
        <message>
            <source>Nothing matches</source>
            <translation>没有符合的</translation>
        </message>
        <message>
            <source>Nothing stops requests right now.</source>
            <translation>现在没有什么阻止请求。</translation>
        </message>
        <message>
            <source>Nothing was stored.</source>
            <translation>什么都没有保存。</translation>
        </message>
        <message>
            <source>Nothing was stored. A new code takes a moment.</source>
            <translation>什么都没有保存。新代码很快就好。</translation>
        </message>
        <message>
            <source>Notifications</source>
            <translation>通知</translation>
        </message>
        <message>
            <source>Off</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Off at GitHub</source>
            <translation>在 GitHub 上关闭</translation>
        </message>
        <message>
            <source>Off by your organisation</source>
            <translation>被你的组织关闭</translation>
        </message>
        <message>
            <source>Off, by your system's own settings.</source>
            <translation>已被系统自己的设置关闭。</translation>
        </message>
        <message>
            <source>Off.</source>
            <translation>关闭。</translation>
        </message>
        <message>
            <source>Older entries are deleted by themselves.</source>
            <translation>较旧的记录会自动删除。</translation>
        </message>
        <message>
            <source>Older requests are looked through.</source>
            <translation>正在查找更早的请求。</translation>
        </message>
        <message>
            <source>On</source>
            <translation>开启</translation>
        </message>
        <message>
            <source>On Copilot {plan} GitHub chooses the model; every name is served by its choice.</source>
            <translation>在 Copilot {plan} 上由 GitHub 选择模型；无论请求哪个名称，都由其所选的模型应答。</translation>
        </message>
        <message>
            <source>On for another copy of this app. Switch it on for this one.</source>
            <translation>为本应用的另一个副本开启。请为这个开启。</translation>
        </message>
        <message>
            <source>On, and it points at this app.</source>
            <translation>已开启，并指向本应用。</translation>
        </message>
        <message>
            <source>One for each tool, so that usage is counted apart.</source>
            <translation>每个工具一个，以便分别计算用量。</translation>
        </message>
        <message>
            <source>One on each line, such as: fast = gpt-5-mini</source>
            <translation>每行一个，例如：fast = gpt-5-mini</translation>
        </message>
        <message>
            <source>One on each line, such as: gpt-4.1 = pi_ai</source>
            <translation>每行一个，例如：gpt-4.1 = pi_ai</translation>
        </message>
        <message>
            <source>One short request, paid like any other</source>
            <translation>一个简短的请求，与其他请求一样计费</translation>
        </message>
        <message>
            <source>Only the first {size} were kept.</source>
            <translation>只保留了前 {size}。</translation>
        </message>
        <message>
            <source>Only what was stored before is shown. Home still counts today, until the app ends.</source>
            <translation>只显示以前保存的内容。主页仍统计今天的请求，直到应用退出。</translation>
        </message>
        <message>
            <source>Open Admin Panel, Settings, Connections, and add an OpenAI connection</source>
            <translation>打开 Admin Panel、Settings、Connections，并添加一个 OpenAI 连接</translation>
        </message>
        <message>
            <source>Open Admin Panel, Settings, Interface, for the model of titles and tags</source>
            <translation>打开 Admin Panel、Settings、Interface，设置生成标题和标签的模型</translation>
        </message>
        <message>
            <source>Open Cline's settings</source>
            <translation>打开 Cline 的设置</translation>
        </message>
        <message>
            <source>Open Connect</source>
            <translation>打开“连接”</translation>
        </message>
        <message>
            <source>Open Doctor</source>
            <translation>打开诊断</translation>
        </message>
        <message>
            <source>Open Roo Code's settings</source>
            <translation>打开 Roo Code 的设置</translation>
        </message>
        <message>
            <source>Open Settings</source>
            <translation>打开设置</translation>
        </message>
        <message>
            <source>Open Settings, Model Providers, Add Provider</source>
            <translation>打开 Settings、Model Providers、Add Provider</translation>
        </message>
        <message>
            <source>Open Settings, Tools, AI Assistant, Models &amp; API Keys, Third-party AI providers</source>
            <translation>打开 Settings、Tools、AI Assistant、Models &amp; API Keys、Third-party AI providers</translation>
        </message>
        <message>
            <source>Open a new terminal: those that are open have the old variables.</source>
            <translation>请打开新的终端：已打开的终端仍是旧的变量。</translation>
        </message>
        <message>
            <source>Open billing page</source>
            <translation>打开账单页面</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>打开文件夹</translation>
        </message>
        <message>
            <source>Open plans page</source>
            <translation>打开套餐页面</translation>
        </message>
        <message>
            <source>Open the agent panel's settings and type the key there</source>
            <translation>打开代理面板的设置并在那里输入密钥</translation>
        </message>
        <message>
            <source>Open the command palette and run “Chat: Manage Language Models”, then Add</source>
            <translation>打开命令面板，运行“Chat: Manage Language Models”，然后选 Add</translation>
        </message>
        <message>
            <source>Open the page</source>
            <translation>打开页面</translation>
        </message>
        <message>
            <source>Open the page again</source>
            <translation>再次打开页面</translation>
        </message>
        <message>
            <source>Open the plans page ({address}), or use another account.</source>
            <translation>请打开套餐页面（{address}），或使用另一个账户。</translation>
        </message>
        <message>
            <source>Open the plans page.</source>
            <translation>请打开套餐页面。</translation>
        </message>
        <message>
            <source>Open the window to see why.</source>
            <translation>打开窗口查看原因。</translation>
        </message>
        <message>
            <source>Open to your network</source>
            <translation>对你的网络开放</translation>
        </message>
        <message>
            <source>Open window</source>
            <translation>打开窗口</translation>
        </message>
        <message>
            <source>OpenAI base URL</source>
            <translation>OpenAI 基础地址</translation>
        </message>
        <message>
            <source>Opening port {port}</source>
            <translation>正在打开端口 {port}</translation>
        </message>
        <message>
            <source>Or look from the command line whether it answers</source>
            <translation>或在命令行看看它是否回答</translation>
        </message>
        <message>
            <source>Or this where it asks for an Anthropic address</source>
            <translation>或在它询问 Anthropic 地址处输入这个</translation>
        </message>
        <message>
            <source>Other</source>
            <translation>其他</translation>
        </message>
        <message>
            <source>Other computers are allowed, so a key stays required.</source>
            <translation>允许其他电脑时，始终要求密钥。</translation>
        </message>
        <message>
            <source>Other computers can use this server</source>
            <translation>其他电脑可以使用此服务器</translation>
        </message>
        <message>
            <source>Other computers in your network can reach this server at {addresses}.</source>
            <translation>你的网络中的其他电脑可以通过 {addresses} 访问此服务器。</translation>
        </message>
        <message>
            <source>Other computers in your network can reach this server.</source>
            <translation>你的网络中的其他电脑可以访问此服务器。</translation>
        </message>
        <message>
            <source>Others on this computer may read {file}.</source>
            <translation>本机上的其他人可以读取 {file}。</translation>
        </message>
        <message>
            <source>Otherwise it stays off until you press Start.</source>
            <translation>否则在你按“启动”之前保持关闭。</translation>
        </message>
        <message>
            <source>Output</source>
            <translation>输出</translation>
        </message>
        <message>
            <source>Outside this app</source>
            <translation>本应用之外</translation>
        </message>
        <message>
            <source>Parameters</source>
            <translation>参数</translation>
        </message>
        <message>
            <source>Part of the proxy fails</source>
            <translation>代理的一部分出了故障</translation>
        </message>
        <message>
            <source>Passed</source>
            <translation>通过</translation>
        </message>
        <message>
            <source>Pause requests for</source>
            <translation>暂停请求</translation>
        </message>
        <message>
            <source>Pause {tool}</source>
            <translation>暂停 {tool}</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>Paused until you resume it</source>
            <translation>已暂停，直到你恢复</translation>
        </message>
        <message>
            <source>Paused until {time}</source>
            <translation>暂停到 {time}</translation>
        </message>
        <message>
            <source>Plan</source>
            <translation>套餐</translation>
        </message>
        <message>
            <source>Please know before you start</source>
            <translation>开始之前请知悉</translation>
        </message>
        <message>
            <source>Points at a port that is silent</source>
            <translation>指向一个没有响应的端口</translation>
        </message>
        <message>
            <source>Points at another address</source>
            <translation>指向其他地址</translation>
        </message>
        <message>
            <source>Port</source>
            <translation>端口</translation>
        </message>
        <message>
            <source>Port {port} is already in use by {program}.</source>
            <translation>端口 {port} 已被 {program} 占用。</translation>
        </message>
        <message>
            <source>Port {port} is already in use.</source>
            <translation>端口 {port} 已被占用。</translation>
        </message>
        <message>
            <source>Port {port} is used by {program}. Your settings are unchanged.</source>
            <translation>端口 {port} 被 {program} 占用。你的设置没有改动。</translation>
        </message>
        <message>
            <source>Premium requests</source>
            <translation>高级请求</translation>
        </message>
        <message>
            <source>Privacy</source>
            <translation>隐私</translation>
        </message>
        <message>
            <source>Pro</source>
            <translation>Pro</translation>
        </message>
        <message>
            <source>Pro (education)</source>
            <translation>Pro（教育）</translation>
        </message>
        <message>
            <source>Pro+</source>
            <translation>Pro+</translation>
        </message>
        <message>
            <source>Prompts and answers are not stored.</source>
            <translation>不保存提示和回答。</translation>
        </message>
        <message>
            <source>Put right</source>
            <translation>修正</translation>
        </message>
        <message>
            <source>Put the old file back</source>
            <translation>放回旧文件</translation>
        </message>
        <message>
            <source>Put this into the list of models of the file that opens</source>
            <translation>把这段放进所打开文件的模型列表</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>退出</translation>
        </message>
        <message>
            <source>Quit g-copilot-proxy?</source>
            <translation>退出 g-copilot-proxy？</translation>
        </message>
        <message>
            <source>Ready to connect</source>
            <translation>可以连接</translation>
        </message>
        <message>
            <source>Refused or broken off by GitHub</source>
            <translation>被 GitHub 拒绝或中断</translation>
        </message>
        <message>
            <source>Refused: GitHub asked to wait</source>
            <translation>被拒绝：GitHub 要求等待</translation>
        </message>
        <message>
            <source>Refused: no credits left for it</source>
            <translation>被拒绝：已没有可用的点数</translation>
        </message>
        <message>
            <source>Refused: not allowed</source>
            <translation>被拒绝：不允许</translation>
        </message>
        <message>
            <source>Refused: too many at once</source>
            <translation>被拒绝：同时太多</translation>
        </message>
        <message>
            <source>Remove it by hand, or end it in your GitHub settings under Applications.</source>
            <translation>请手动删除，或在 GitHub 设置的 Applications 中结束它。</translation>
        </message>
        <message>
            <source>Remove one of the two in {file}.</source>
            <translation>请删除 {file} 中两者之一。</translation>
        </message>
        <message>
            <source>Remove {variable} from your environment to stay signed out.</source>
            <translation>要保持退出登录，请从环境变量中去掉 {variable}。</translation>
        </message>
        <message>
            <source>Repair the settings</source>
            <translation>修复设置</translation>
        </message>
        <message>
            <source>Repair tool calls written as text</source>
            <translation>修复写成文本的工具调用</translation>
        </message>
        <message>
            <source>Repairing puts them back as they were. Then connect again.</source>
            <translation>修复会恢复原来的设置；然后请重新连接。</translation>
        </message>
        <message>
            <source>Replace key</source>
            <translation>替换密钥</translation>
        </message>
        <message>
            <source>Replace the key of {name}?</source>
            <translation>替换 {name} 的密钥？</translation>
        </message>
        <message>
            <source>Replace the main key?</source>
            <translation>更换主密钥？</translation>
        </message>
        <message>
            <source>Report copied</source>
            <translation>已复制报告</translation>
        </message>
        <message>
            <source>Report copied, without content</source>
            <translation>已复制报告，不含内容</translation>
        </message>
        <message>
            <source>Request handlers</source>
            <translation>请求处理器</translation>
        </message>
        <message>
            <source>Requests</source>
            <translation>请求</translation>
        </message>
        <message>
            <source>Requests are not affected.</source>
            <translation>请求不受影响。</translation>
        </message>
        <message>
            <source>Requests at the same time</source>
            <translation>同时进行的请求</translation>
        </message>
        <message>
            <source>Requests beyond it are refused.</source>
            <translation>超出的请求会被拒绝。</translation>
        </message>
        <message>
            <source>Requests do not work until this is put right.</source>
            <translation>修正之前请求无法工作。</translation>
        </message>
        <message>
            <source>Requests go on.</source>
            <translation>请求照常进行。</translation>
        </message>
        <message>
            <source>Requests go on. If it stays, the log says more.</source>
            <translation>请求照常进行。若持续如此，日志中有更多说明。</translation>
        </message>
        <message>
            <source>Requests of the last 15 minutes: {count}, {busiest}</source>
            <translation>最近 15 分钟的请求：{count}，{busiest}</translation>
        </message>
        <message>
            <source>Requests stop until {end}.</source>
            <translation>请求停止到 {end}。</translation>
        </message>
        <message>
            <source>Requests wait until it ends.</source>
            <translation>请求会等到它结束。</translation>
        </message>
        <message>
            <source>Requests wait until {time}, in {span}.</source>
            <translation>请求等到 {time}，还有 {span}。</translation>
        </message>
        <message>
            <source>Require a key</source>
            <translation>要求密钥</translation>
        </message>
        <message>
            <source>Reset to none</source>
            <translation>重置为无</translation>
        </message>
        <message>
            <source>Reset to off</source>
            <translation>重置为关闭</translation>
        </message>
        <message>
            <source>Reset to on</source>
            <translation>重置为开启</translation>
        </message>
        <message>
            <source>Reset to {value}</source>
            <translation>重置为 {value}</translation>
        </message>
        <message>
            <source>Reset to “{value}”</source>
            <translation>重置为“{value}”</translation>
        </message>
        <message>
            <source>Resets {day}, in 1 day</source>
            <translation>{day} 重置，还有 1 天</translation>
        </message>
        <message>
            <source>Resets {day}, in {days} days</source>
            <translation>{day} 重置，还有 {days} 天</translation>
        </message>
        <message>
            <source>Resets {day}, in {span}</source>
            <translation>{day} 重置，还有 {span}</translation>
        </message>
        <message>
            <source>Responses over WebSockets</source>
            <translation>通过 WebSocket 的 Responses</translation>
        </message>
        <message>
            <source>Resume requests</source>
            <translation>恢复请求</translation>
        </message>
        <message>
            <source>Resume the proxy or the tool, or answer “Send” when you are asked; then ask again.</source>
            <translation>请恢复代理或该工具，或在询问时回答“发送”；然后再试一次。</translation>
        </message>
        <message>
            <source>Resume {tool}</source>
            <translation>恢复 {tool}</translation>
        </message>
        <message>
            <source>Revoke key</source>
            <translation>吊销密钥</translation>
        </message>
        <message>
            <source>Revoke the key of {name}?</source>
            <translation>吊销 {name} 的密钥？</translation>
        </message>
        <message>
            <source>Route</source>
            <translation>路线</translation>
        </message>
        <message>
            <source>Run “{command}” to install it again.</source>
            <translation>请运行“{command}”以重新安装。</translation>
        </message>
        <message>
            <source>Run “{command}”: about 140 MB, from npm, into our data folder.</source>
            <translation>请运行“{command}”：约 140 MB，来自 npm，存入我们的数据文件夹。</translation>
        </message>
        <message>
            <source>Run: chmod 600 {file}</source>
            <translation>请运行：chmod 600 {file}</translation>
        </message>
        <message>
            <source>Run: g-copilot-proxy login</source>
            <translation>请运行：g-copilot-proxy login</translation>
        </message>
        <message>
            <source>Running</source>
            <translation>运行中</translation>
        </message>
        <message>
            <source>Running on {address}</source>
            <translation>运行于 {address}</translation>
        </message>
        <message>
            <source>Running requests go on.</source>
            <translation>正在运行的请求继续。</translation>
        </message>
        <message>
            <source>Running requests go on. Check again once you are online.</source>
            <translation>进行中的请求会继续。联网后请重新检查。</translation>
        </message>
        <message>
            <source>Runs in the tray, without opening this window.</source>
            <translation>在托盘中运行，不打开此窗口。</translation>
        </message>
        <message>
            <source>Scope</source>
            <translation>权限范围</translation>
        </message>
        <message>
            <source>Search {count} settings</source>
            <translation>搜索 {count} 项设置</translation>
        </message>
        <message>
            <source>Send all {count} of {tool}</source>
            <translation>发送 {tool} 的全部 {count} 个</translation>
        </message>
        <message>
            <source>Send everything</source>
            <translation>全部发送</translation>
        </message>
        <message>
            <source>Send less at once, or raise the largest request in Settings.</source>
            <translation>一次少发送一些，或在“设置”中提高请求上限。</translation>
        </message>
        <message>
            <source>Sent again</source>
            <translation>已重新发送</translation>
        </message>
        <message>
            <source>Sent by the tool on its own, while it works.</source>
            <translation>工具在工作中自行发送。</translation>
        </message>
        <message>
            <source>Sent with every call to GitHub.</source>
            <translation>随每次发往 GitHub 的调用发送。</translation>
        </message>
        <message>
            <source>Serve Google's Gemini API too</source>
            <translation>同时提供 Google 的 Gemini 接口</translation>
        </message>
        <message>
            <source>Serve Ollama's API too</source>
            <translation>同时提供 Ollama 接口</translation>
        </message>
        <message>
            <source>Serve tools as soon as the app starts</source>
            <translation>应用启动后立即为工具提供服务</translation>
        </message>
        <message>
            <source>Server</source>
            <translation>服务器</translation>
        </message>
        <message>
            <source>Set the key in your shell; the file only names it</source>
            <translation>在你的 shell 中设置密钥；文件里只写它的名称</translation>
        </message>
        <message>
            <source>Set these variables in your shell</source>
            <translation>在你的 shell 中设置这些变量</translation>
        </message>
        <message>
            <source>Set to port {port}: {tools}. After the change they cannot connect until you connect them again.</source>
            <translation>使用端口 {port} 的有：{tools}。更改之后，需重新连接它们才能使用。</translation>
        </message>
        <message>
            <source>Set to this proxy: {tools}.</source>
            <translation>已指向本代理：{tools}。</translation>
        </message>
        <message>
            <source>Set {variable} to a folder of your own.</source>
            <translation>请将 {variable} 设为你自己的文件夹。</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
            <source>Settings folder</source>
            <translation>设置文件夹</translation>
        </message>
        <message>
            <source>Settings to copy</source>
            <translation>可复制的设置</translation>
        </message>
        <message>
            <source>Settings…</source>
            <translation>设置…</translation>
        </message>
        <message>
            <source>Shorten the conversation, or choose a model that reads more.</source>
            <translation>请缩短对话，或选择能读取更多内容的模型。</translation>
        </message>
        <message>
            <source>Show how to add it</source>
            <translation>告诉我怎么添加</translation>
        </message>
        <message>
            <source>Show older than these {count}</source>
            <translation>显示比这 {count} 条更早的请求</translation>
        </message>
        <message>
            <source>Show the change</source>
            <translation>显示更改</translation>
        </message>
        <message>
            <source>Show the steps</source>
            <translation>显示步骤</translation>
        </message>
        <message>
            <source>Shown by your system: limits, budgets, a session that ended.</source>
            <translation>由系统显示：限制、预算、会话结束。</translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation>登录</translation>
        </message>
        <message>
            <source>Sign in again.</source>
            <translation>请重新登录。</translation>
        </message>
        <message>
            <source>Sign in on Home, then ask again.</source>
            <translation>请在“主页”登录，然后再试一次。</translation>
        </message>
        <message>
            <source>Sign in there, or change account.github_host back.</source>
            <translation>请在那里登录，或把 account.github_host 改回去。</translation>
        </message>
        <message>
            <source>Sign in to GitHub</source>
            <translation>登录 GitHub</translation>
        </message>
        <message>
            <source>Sign in to GitHub first</source>
            <translation>请先登录 GitHub</translation>
        </message>
        <message>
            <source>Sign in to GitHub to begin</source>
            <translation>登录 GitHub 后开始</translation>
        </message>
        <message>
            <source>Sign in to GitHub…</source>
            <translation>登录 GitHub…</translation>
        </message>
        <message>
            <source>Sign in to see the models</source>
            <translation>登录后查看模型</translation>
        </message>
        <message>
            <source>Sign in.</source>
            <translation>请登录。</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>退出登录</translation>
        </message>
        <message>
            <source>Sign out {login}</source>
            <translation>退出登录 {login}</translation>
        </message>
        <message>
            <source>Sign-in</source>
            <translation>登录</translation>
        </message>
        <message>
            <source>Signed in</source>
            <translation>已登录</translation>
        </message>
        <message>
            <source>Signed in as {login}</source>
            <translation>已登录为 {login}</translation>
        </message>
        <message>
            <source>Signed out</source>
            <translation>未登录</translation>
        </message>
        <message>
            <source>Signing in did not work</source>
            <translation>登录没有成功</translation>
        </message>
        <message>
            <source>Signing in will be slow. Unlock it beforehand.</source>
            <translation>登录会很慢。请事先将其解锁。</translation>
        </message>
        <message>
            <source>Skip</source>
            <translation>跳过</translation>
        </message>
        <message>
            <source>Small tasks</source>
            <translation>小任务</translation>
        </message>
        <message>
            <source>So that prompt caches work. Only digits without meaning in one line are replaced.</source>
            <translation>以便提示缓存生效。只替换其中一行里没有意义的数字。</translation>
        </message>
        <message>
            <source>Somebody</source>
            <translation>某个账户</translation>
        </message>
        <message>
            <source>Something failed inside the app at {time}</source>
            <translation>应用内部在 {time} 出了问题</translation>
        </message>
        <message>
            <source>Something needs attention</source>
            <translation>有事项需要你处理</translation>
        </message>
        <message>
            <source>Start at login</source>
            <translation>登录时启动</translation>
        </message>
        <message>
            <source>Start it and choose OpenAI as the way to sign in</source>
            <translation>启动它，并选择 OpenAI 作为登录方式</translation>
        </message>
        <message>
            <source>Start it and choose the model</source>
            <translation>启动它并选择模型</translation>
        </message>
        <message>
            <source>Start it in the same shell</source>
            <translation>在同一个 shell 中启动它</translation>
        </message>
        <message>
            <source>Start it in the same shell and choose the Gemini API key</source>
            <translation>在同一个 Shell 中启动它，并选择 Gemini API 密钥</translation>
        </message>
        <message>
            <source>Start it with this model</source>
            <translation>用这个模型启动它</translation>
        </message>
        <message>
            <source>Start serving</source>
            <translation>开始服务</translation>
        </message>
        <message>
            <source>Start the proxy, then ask again.</source>
            <translation>请启动代理，然后再试一次。</translation>
        </message>
        <message>
            <source>Start the server to test it</source>
            <translation>启动服务器后才能测试</translation>
        </message>
        <message>
            <source>Start the server to try a model.</source>
            <translation>启动服务器后才能试用模型。</translation>
        </message>
        <message>
            <source>Start when I sign in to this computer</source>
            <translation>登录这台电脑时启动</translation>
        </message>
        <message>
            <source>Started by you, not by a tool loop.</source>
            <translation>由你发起，而不是工具循环。</translation>
        </message>
        <message>
            <source>Starting…</source>
            <translation>正在启动…</translation>
        </message>
        <message>
            <source>Step {number} of {count}: {name}</source>
            <translation>第 {number} 步，共 {count} 步：{name}</translation>
        </message>
        <message>
            <source>Steps copied, with the key</source>
            <translation>已复制步骤，含密钥</translation>
        </message>
        <message>
            <source>Still set to port {port}: {tools}. Connect again from the Connect page.</source>
            <translation>仍在使用端口 {port} 的有：{tools}。请在“连接”页面重新连接。</translation>
        </message>
        <message>
            <source>Stop it and start it again.</source>
            <translation>请停止后重新启动。</translation>
        </message>
        <message>
            <source>Stop requests</source>
            <translation>停止请求</translation>
        </message>
        <message>
            <source>Stop serving</source>
            <translation>停止服务</translation>
        </message>
        <message>
            <source>Stop the server</source>
            <translation>停止服务器</translation>
        </message>
        <message>
            <source>Stop the server?</source>
            <translation>停止服务器？</translation>
        </message>
        <message>
            <source>Stopped by GitHub's content filter</source>
            <translation>被 GitHub 的内容过滤停止</translation>
        </message>
        <message>
            <source>Stopped. What was sent may be billed.</source>
            <translation>已停止。已发送的部分可能计费。</translation>
        </message>
        <message>
            <source>Stopping…</source>
            <translation>正在停止…</translation>
        </message>
        <message>
            <source>Streaming</source>
            <translation>传输中</translation>
        </message>
        <message>
            <source>Subagents</source>
            <translation>子代理</translation>
        </message>
        <message>
            <source>Such as {examples}.</source>
            <translation>例如 {examples}。</translation>
        </message>
        <message>
            <source>Switch it off and on again in the settings.</source>
            <translation>请在设置中关闭再打开它。</translation>
        </message>
        <message>
            <source>Switch on “set the time automatically” in the system's settings.</source>
            <translation>请在系统设置中打开“自动设置时间”。</translation>
        </message>
        <message>
            <source>Switch the local key on.</source>
            <translation>请开启本地密钥。</translation>
        </message>
        <message>
            <source>Switch “Require a key” on first. It stays off for others until then.</source>
            <translation>先开启“要求密钥”。在那之前对其他电脑保持关闭。</translation>
        </message>
        <message>
            <source>Switched off in your system's own settings.</source>
            <translation>已在系统自己的设置中关闭。</translation>
        </message>
        <message>
            <source>System</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>Tell me and go on</source>
            <translation>告诉我并继续</translation>
        </message>
        <message>
            <source>Test it</source>
            <translation>测试</translation>
        </message>
        <message>
            <source>The address your tools use. A change applies at once.</source>
            <translation>你的工具使用的地址。更改立即生效。</translation>
        </message>
        <message>
            <source>The answer is empty.</source>
            <translation>回答是空的。</translation>
        </message>
        <message>
            <source>The app closed unexpectedly at {time}</source>
            <translation>应用在 {time} 意外关闭</translation>
        </message>
        <message>
            <source>The app was stopped while it changed the settings of {tools}</source>
            <translation>应用在更改 {tools} 的设置时被中止</translation>
        </message>
        <message>
            <source>The app was stopped while it wrote. Undo repairs it.</source>
            <translation>应用在写入时被中止。“撤销”可修复。</translation>
        </message>
        <message>
            <source>The beginning is shown; Copy takes all that was kept.</source>
            <translation>此处显示开头部分；“复制”会复制保留的全部内容。</translation>
        </message>
        <message>
            <source>The cache saved {credits} credits.</source>
            <translation>缓存节省了 {credits} 点数。</translation>
        </message>
        <message>
            <source>The certificate of {host} is not trusted by this computer, so nothing was sent. If your company inspects traffic, its certificate must be in the system's trust store, or in the file that upstream.ca_file names.</source>
            <translation>本机不信任 {host} 的证书，因此没有发送任何内容。如果你的公司检查流量，其证书必须在系统的信任库中，或在 upstream.ca_file 所写的文件中。</translation>
        </message>
        <message>
            <source>The certificates in {file} cannot be used: {reason}. Check upstream.ca_file in the settings.</source>
            <translation>{file} 中的证书无法使用：{reason}。请检查设置中的 upstream.ca_file。</translation>
        </message>
        <message>
            <source>The checks could not be run</source>
            <translation>检查无法运行</translation>
        </message>
        <message>
            <source>The code ran out</source>
            <translation>代码已过期</translation>
        </message>
        <message>
            <source>The code ran out after {span}</source>
            <translation>代码在 {span} 后过期</translation>
        </message>
        <message>
            <source>The code was not used in time. Nothing was stored.</source>
            <translation>代码没有及时使用。没有保存任何内容。</translation>
        </message>
        <message>
            <source>The computer {address}</source>
            <translation>电脑 {address}</translation>
        </message>
        <message>
            <source>The connection to GitHub was lost</source>
            <translation>与 GitHub 的连接断开了</translation>
        </message>
        <message>
            <source>The connection to {host} was lost before it answered.</source>
            <translation>与 {host} 的连接在它回应之前断开了。</translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation>磁盘已满。</translation>
        </message>
        <message>
            <source>The extension in the editor is set by hand; the steps say how.</source>
            <translation>编辑器中的扩展需手动设置；步骤中有说明。</translation>
        </message>
        <message>
            <source>The figures could not be read</source>
            <translation>无法读取数字</translation>
        </message>
        <message>
            <source>The file is one that only your user account can read.</source>
            <translation>这个文件只有你的用户账户能读。</translation>
        </message>
        <message>
            <source>The head of the system prompt changed, and all behind it.</source>
            <translation>系统提示的开头变了，其后的全部也随之变化。</translation>
        </message>
        <message>
            <source>The history is switched off</source>
            <translation>历史已关闭</translation>
        </message>
        <message>
            <source>The key of {name}. Copy it now: it cannot be shown again.</source>
            <translation>{name} 的密钥。请现在复制：以后不能再显示。</translation>
        </message>
        <message>
            <source>The keychain cannot keep your sign-in</source>
            <translation>钥匙串无法保存你的登录</translation>
        </message>
        <message>
            <source>The keychain did not answer. It may be locked.</source>
            <translation>钥匙串没有回应。它可能被锁住了。</translation>
        </message>
        <message>
            <source>The keychain did not keep the sign-in.</source>
            <translation>钥匙串没有保存登录。</translation>
        </message>
        <message>
            <source>The keychain has not answered yet.</source>
            <translation>钥匙串尚未回应。</translation>
        </message>
        <message>
            <source>The keychain is locked.</source>
            <translation>钥匙串已锁定。</translation>
        </message>
        <message>
            <source>The keychain is switched off by configuration.</source>
            <translation>钥匙串已被配置关闭。</translation>
        </message>
        <message>
            <source>The keychain is the safest; a file is readable by your account alone.</source>
            <translation>钥匙串最安全；文件只有你的账户能读。</translation>
        </message>
        <message>
            <source>The keychain refused ({error}).</source>
            <translation>钥匙串拒绝了（{error}）。</translation>
        </message>
        <message>
            <source>The last reading, {used}, is {age} old</source>
            <translation>上次读数 {used} 已是 {age} 之前</translation>
        </message>
        <message>
            <source>The last request was too long ago; the cache had expired.</source>
            <translation>距上次请求太久，缓存已过期。</translation>
        </message>
        <message>
            <source>The library pi-ai is being installed</source>
            <translation>正在安装 pi-ai 库</translation>
        </message>
        <message>
            <source>The library pi-ai {version} is damaged: {reason}.</source>
            <translation>pi-ai {version} 库已损坏：{reason}。</translation>
        </message>
        <message>
            <source>The library pi-ai {version} is not installed.</source>
            <translation>未安装 pi-ai {version} 库。</translation>
        </message>
        <message>
            <source>The local key can neither be read nor made</source>
            <translation>本地密钥既不能读取也不能生成</translation>
        </message>
        <message>
            <source>The log says more.</source>
            <translation>日志中有更多说明。</translation>
        </message>
        <message>
            <source>The main key is set for this run from outside, so it cannot be replaced here.</source>
            <translation>主密钥由外部为本次运行设定，因此不能在这里更换。</translation>
        </message>
        <message>
            <source>The model is not known</source>
            <translation>未知模型</translation>
        </message>
        <message>
            <source>The model was switched; each has a cache of its own.</source>
            <translation>换了模型；每个模型有自己的缓存。</translation>
        </message>
        <message>
            <source>The name that was asked for was in memory only.</source>
            <translation>所请求的名称只存在内存中。</translation>
        </message>
        <message>
            <source>The name {host} could not be found. Check that this computer is online.</source>
            <translation>找不到名称 {host}。请检查本机是否联网。</translation>
        </message>
        <message>
            <source>The network proxy does not answer</source>
            <translation>网络代理没有回应</translation>
        </message>
        <message>
            <source>The network proxy wants a password</source>
            <translation>网络代理需要密码</translation>
        </message>
        <message>
            <source>The new main key. Copy it now, or later from Home.</source>
            <translation>新的主密钥。现在复制，或稍后在主页复制。</translation>
        </message>
        <message>
            <source>The new version does not start here: {error}.</source>
            <translation>新版本在此无法启动：{error}。</translation>
        </message>
        <message>
            <source>The new version does not work here: {error}</source>
            <translation>新版本在此无法工作：{error}</translation>
        </message>
        <message>
            <source>The old file is {file}. To have it back, run: g-copilot-proxy settings restore {name}</source>
            <translation>旧文件是 {file}。要恢复它，请运行：g-copilot-proxy settings restore {name}</translation>
        </message>
        <message>
            <source>The old key stops working at once. Every tool that uses it needs the new one.</source>
            <translation>旧密钥立即失效。使用它的每个工具都需要新密钥。</translation>
        </message>
        <message>
            <source>The old key stops working at once. These connected tools carry it and need the new one: {tools}.</source>
            <translation>旧密钥立即失效。这些已连接的工具带有它，需要新密钥：{tools}。</translation>
        </message>
        <message>
            <source>The page is open in your browser, and the code is copied.</source>
            <translation>页面已在你的浏览器中打开，代码已复制。</translation>
        </message>
        <message>
            <source>The pi-ai process did not start in time.</source>
            <translation>pi-ai 进程没有及时启动。</translation>
        </message>
        <message>
            <source>The pi-ai process ended at its start.</source>
            <translation>pi-ai 进程一启动就结束了。</translation>
        </message>
        <message>
            <source>The pi-ai process keeps ending.</source>
            <translation>pi-ai 进程不断结束。</translation>
        </message>
        <message>
            <source>The port is in use</source>
            <translation>端口被占用</translation>
        </message>
        <message>
            <source>The prompt is too short to be cached.</source>
            <translation>提示太短，无法缓存。</translation>
        </message>
        <message>
            <source>The proxy could not start</source>
            <translation>代理无法启动</translation>
        </message>
        <message>
            <source>The proxy could not start: port {port} is in use</source>
            <translation>代理无法启动：端口 {port} 已被占用</translation>
        </message>
        <message>
            <source>The proxy could not start: {why}</source>
            <translation>代理无法启动：{why}</translation>
        </message>
        <message>
            <source>The proxy in the settings cannot be used; it must be an http address such as http://proxy.example:8080. Check upstream.proxy in the settings.</source>
            <translation>设置中的网络代理无法使用；它必须是 http 地址，例如 http://proxy.example:8080。请检查设置中的 upstream.proxy。</translation>
        </message>
        <message>
            <source>The proxy of this computer asks for a name and a password. Put them into HTTPS_PROXY (http://name:password@proxy.example:8080).</source>
            <translation>本机的网络代理要求用户名和密码。请把它们写入 HTTPS_PROXY（http://name:password@proxy.example:8080）。</translation>
        </message>
        <message>
            <source>The proxy of this computer did not connect us to {host}. Check HTTPS_PROXY or the system's proxy settings.</source>
            <translation>本机的网络代理没有让我们连接到 {host}。请检查 HTTPS_PROXY 或系统的代理设置。</translation>
        </message>
        <message>
            <source>The proxy set for {scheme} connections cannot be used; it must be an http address such as http://proxy.example:8080. Check {variable} or the system's settings.</source>
            <translation>为 {scheme} 连接设置的网络代理无法使用；它必须是 http 地址，例如 http://proxy.example:8080。请检查 {variable} 或系统设置。</translation>
        </message>
        <message>
            <source>The proxy stays on {port}.</source>
            <translation>代理仍使用 {port}。</translation>
        </message>
        <message>
            <source>The release page answered with status {status}.</source>
            <translation>发布页面返回状态 {status}。</translation>
        </message>
        <message>
            <source>The release page cannot be reached: {reason}.</source>
            <translation>无法访问发布页面：{reason}。</translation>
        </message>
        <message>
            <source>The release page has nothing for {channel}.</source>
            <translation>发布页面没有适用于 {channel} 的内容。</translation>
        </message>
        <message>
            <source>The request is not valid</source>
            <translation>请求无效</translation>
        </message>
        <message>
            <source>The request was refused</source>
            <translation>请求被拒绝</translation>
        </message>
        <message>
            <source>The server could not start</source>
            <translation>服务器无法启动</translation>
        </message>
        <message>
            <source>The server runs at {url}.</source>
            <translation>服务器运行于 {url}。</translation>
        </message>
        <message>
            <source>The server should listen on port {port}, but does not answer there.</source>
            <translation>服务器应在端口 {port} 上监听，但那里没有回应。</translation>
        </message>
        <message>
            <source>The settings file of before was kept as {file}.</source>
            <translation>先前的设置文件保留为 {file}。</translation>
        </message>
        <message>
            <source>The settings file says {setting} = {value}, which cannot be had: {reason} {stays} stays in force.</source>
            <translation>设置文件写的是 {setting} = {value}，但无法做到：{reason} {stays} 继续生效。</translation>
        </message>
        <message>
            <source>The settings file was broken</source>
            <translation>设置文件有损坏</translation>
        </message>
        <message>
            <source>The settings file was replaced</source>
            <translation>设置文件已被替换</translation>
        </message>
        <message>
            <source>The settings of {section} that cannot be read stay as they were.</source>
            <translation>{section} 中无法读取的设置保持不变。</translation>
        </message>
        <message>
            <source>The sign-in could not be written</source>
            <translation>无法写入登录</translation>
        </message>
        <message>
            <source>The sign-in is kept in a file only your user account can read.</source>
            <translation>登录保存在只有你的用户账户能读的文件中。</translation>
        </message>
        <message>
            <source>The sign-in is kept in memory until you quit.</source>
            <translation>登录保存在内存中，直到你退出。</translation>
        </message>
        <message>
            <source>The sign-in is kept in your system's keychain, nowhere else.</source>
            <translation>登录保存在系统的钥匙串中，别处没有。</translation>
        </message>
        <message>
            <source>The sign-in of an earlier run is still being looked for.</source>
            <translation>仍在查找先前运行时的登录。</translation>
        </message>
        <message>
            <source>The sign-in worked. Copilot answers once the account has a plan.</source>
            <translation>登录成功。账户有了套餐后 Copilot 就会回答。</translation>
        </message>
        <message>
            <source>The steps carry a key of {name}'s own. It is shown until you quit.</source>
            <translation>步骤中写的是 {name} 自己的密钥。在你退出前都会显示。</translation>
        </message>
        <message>
            <source>The steps carry the local key. Copy takes all of it.</source>
            <translation>步骤中写的是本地密钥。复制会取得完整密钥。</translation>
        </message>
        <message>
            <source>The steps carry the local key. Give this tool its own key to revoke it separately.</source>
            <translation>步骤中使用本地密钥。为此工具单独创建密钥，便可单独撤销。</translation>
        </message>
        <message>
            <source>The system keychain answers in {milliseconds} ms.</source>
            <translation>系统钥匙串在 {milliseconds} 毫秒内回应。</translation>
        </message>
        <message>
            <source>The system prompt changed.</source>
            <translation>系统提示变了。</translation>
        </message>
        <message>
            <source>The tool cannot connect any more. This cannot be undone.</source>
            <translation>此工具将无法再连接，无法撤销。</translation>
        </message>
        <message>
            <source>The tool cannot connect until it has the new key.</source>
            <translation>在拿到新密钥之前，此工具无法连接。</translation>
        </message>
        <message>
            <source>The tool is told that it ended. What GitHub did so far may be billed.</source>
            <translation>工具会被告知请求已结束。GitHub 已做的部分可能计费。</translation>
        </message>
        <message>
            <source>The tool must send JSON; look for its update.</source>
            <translation>工具必须发送 JSON；请检查其更新。</translation>
        </message>
        <message>
            <source>The tool or you ended it; nothing is left to do.</source>
            <translation>是工具或你结束了它；无需再做什么。</translation>
        </message>
        <message>
            <source>The tool sent what this model does not take; see the message.</source>
            <translation>工具发送了此模型不接受的内容；请看消息。</translation>
        </message>
        <message>
            <source>The tool's list of tools changed; they stand before everything else.</source>
            <translation>工具的工具列表变了；它排在所有内容之前。</translation>
        </message>
        <message>
            <source>The trouble is at GitHub: see https://www.githubstatus.com, then check again.</source>
            <translation>问题在 GitHub：请看 https://www.githubstatus.com，然后重新检查。</translation>
        </message>
        <message>
            <source>The update did not work</source>
            <translation>更新未成功</translation>
        </message>
        <message>
            <source>The usage record can be written again</source>
            <translation>用量记录又可以写入了</translation>
        </message>
        <message>
            <source>The usage record cannot be written</source>
            <translation>无法写入用量记录</translation>
        </message>
        <message>
            <source>The usage record was damaged</source>
            <translation>用量记录已损坏</translation>
        </message>
        <message>
            <source>The words of this app. Error messages from the proxy stay in English.</source>
            <translation>本应用的文字。代理的错误信息仍为英文。</translation>
        </message>
        <message>
            <source>Their settings are changed back, and changed again when the app starts.</source>
            <translation>它们的设置会被还原，应用启动时再次更改。</translation>
        </message>
        <message>
            <source>There are {most} keys already; revoke some first.</source>
            <translation>已有 {most} 个密钥；请先撤销一些。</translation>
        </message>
        <message>
            <source>There is a key named {name} already; revoke it or take another.</source>
            <translation>已有名为 {name} 的密钥；请撤销它或换一个名称。</translation>
        </message>
        <message>
            <source>There is no such key; it may have been revoked meanwhile.</source>
            <translation>没有这个密钥；它可能已被撤销。</translation>
        </message>
        <message>
            <source>There is nothing to fetch.</source>
            <translation>没有可下载的内容。</translation>
        </message>
        <message>
            <source>These were found on this computer. Choose one: you see the change to its settings before it is made, and can undo it.</source>
            <translation>在此计算机上找到了这些工具。请选择一个：更改其设置之前你会先看到内容，并且可以撤销。</translation>
        </message>
        <message>
            <source>They show up here the moment a tool sends one.</source>
            <translation>工具一发送请求，就会显示在这里。</translation>
        </message>
        <message>
            <source>This account</source>
            <translation>此账户</translation>
        </message>
        <message>
            <source>This account has no Copilot plan.</source>
            <translation>此账户没有 Copilot 套餐。</translation>
        </message>
        <message>
            <source>This app</source>
            <translation>本应用</translation>
        </message>
        <message>
            <source>This app gives this computer an address that speaks OpenAI and Anthropic. Tools that use it run on your own GitHub Copilot plan, and you see what each request costs.</source>
            <translation>本应用给这台电脑一个会 OpenAI 和 Anthropic 协议的地址。使用它的工具运行在你自己的 GitHub Copilot 套餐上，你能看到每个请求的花费。</translation>
        </message>
        <message>
            <source>This computer has no keychain that can be used.</source>
            <translation>本机没有可用的钥匙串。</translation>
        </message>
        <message>
            <source>This computer is {amount} ahead of GitHub.</source>
            <translation>本机的时间比 GitHub 快 {amount}。</translation>
        </message>
        <message>
            <source>This computer is {amount} behind GitHub.</source>
            <translation>本机的时间比 GitHub 慢 {amount}。</translation>
        </message>
        <message>
            <source>This computer only</source>
            <translation>仅限本机</translation>
        </message>
        <message>
            <source>This desktop shows no tray icons; the window works without.</source>
            <translation>此桌面不显示托盘图标；窗口照样能用。</translation>
        </message>
        <message>
            <source>This desktop shows our icon.</source>
            <translation>此桌面显示我们的图标。</translation>
        </message>
        <message>
            <source>This installation is not updated by itself but by what installed it: the system's package manager, `pipx upgrade g-copilot-proxy` or `uv tool upgrade g-copilot-proxy`.</source>
            <translation>此安装不会自行更新，而由安装它的工具更新：系统的软件包管理器、`pipx upgrade g-copilot-proxy` 或 `uv tool upgrade g-copilot-proxy`。</translation>
        </message>
        <message>
            <source>This is the demo: the sign-in is kept in memory until you quit.</source>
            <translation>这是演示：登录保存在内存中，直到你退出。</translation>
        </message>
        <message>
            <source>This is {version}. Fetch it here, or with: g-copilot-proxy update</source>
            <translation>当前版本为 {version}。可在此下载，或运行：g-copilot-proxy update</translation>
        </message>
        <message>
            <source>This month's {limit} credits are used</source>
            <translation>本月的 {limit} 点数已用完</translation>
        </message>
        <message>
            <source>This network needs a proxy, which Node.js {version} does not take from its environment.</source>
            <translation>此网络需要代理，而 Node.js {version} 不会从环境变量中读取代理。</translation>
        </message>
        <message>
            <source>This request is not traced: its prompt and answer are not stored.</source>
            <translation>此请求未被跟踪：不保存其提示和回答。</translation>
        </message>
        <message>
            <source>This stands still at times: {parts}. It is tried again by itself.</source>
            <translation>以下部分时有停顿：{parts}。会自动重试。</translation>
        </message>
        <message>
            <source>This system offers no keychain.</source>
            <translation>本系统没有钥匙串。</translation>
        </message>
        <message>
            <source>This window closes by itself.</source>
            <translation>此窗口会自行关闭。</translation>
        </message>
        <message>
            <source>To have it back, run: g-copilot-proxy settings restore {name}</source>
            <translation>要恢复它，请运行：g-copilot-proxy settings restore {name}</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>今天</translation>
        </message>
        <message>
            <source>Today's {limit} credits are used</source>
            <translation>今天的 {limit} 点数已用完</translation>
        </message>
        <message>
            <source>Tokens</source>
            <translation>词元</translation>
        </message>
        <message>
            <source>Tools</source>
            <translation>工具</translation>
        </message>
        <message>
            <source>Tools are told to wait until you sign in</source>
            <translation>在你登录之前，工具会被告知等待</translation>
        </message>
        <message>
            <source>Tools are told to wait until you sign in again.</source>
            <translation>在你再次登录之前，工具会被告知等待。</translation>
        </message>
        <message>
            <source>Tools cannot connect until you sign in</source>
            <translation>在你登录之前，工具无法连接</translation>
        </message>
        <message>
            <source>Tools cannot connect while it is off</source>
            <translation>关闭时工具无法连接</translation>
        </message>
        <message>
            <source>Tools cannot connect without it: {reason}</source>
            <translation>没有它工具无法连接：{reason}</translation>
        </message>
        <message>
            <source>Tools cannot connect. Your settings are unchanged</source>
            <translation>工具无法连接。你的设置没有改变</translation>
        </message>
        <message>
            <source>Tools stay connected. Its icon opens the window again; Quit is in its menu.</source>
            <translation>工具保持连接。点击其图标可再次打开窗口；“退出”在其菜单中。</translation>
        </message>
        <message>
            <source>Tools then run on your own Copilot plan. GitHub offers this interface to its own clients and may limit an account that uses it this way.</source>
            <translation>工具随后运行在你自己的 Copilot 套餐上。GitHub 把这个接口提供给它自己的客户端，可能限制这样使用的账户。</translation>
        </message>
        <message>
            <source>Trace for 15 minutes</source>
            <translation>跟踪 15 分钟</translation>
        </message>
        <message>
            <source>Trace for 15 minutes again</source>
            <translation>再跟踪 15 分钟</translation>
        </message>
        <message>
            <source>Traced</source>
            <translation>已跟踪</translation>
        </message>
        <message>
            <source>Traced. Prompt and answer are below, kept in memory only until {time}.</source>
            <translation>已跟踪。提示和回答见下方，只在内存中保存到 {time}。</translation>
        </message>
        <message>
            <source>Traced. Prompt and answer are below, kept in memory only.</source>
            <translation>已跟踪。提示和回答见下方，只保存在内存中。</translation>
        </message>
        <message>
            <source>Tracing: prompts and answers are kept until {time}.</source>
            <translation>正在跟踪：提示和回答保留到 {time}。</translation>
        </message>
        <message>
            <source>Tray</source>
            <translation>托盘</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>再试一次</translation>
        </message>
        <message>
            <source>Try again if that was not what you wanted.</source>
            <translation>如果那不是你的本意，请重试。</translation>
        </message>
        <message>
            <source>Try again.</source>
            <translation>请重试。</translation>
        </message>
        <message>
            <source>Try the demo</source>
            <translation>试用演示</translation>
        </message>
        <message>
            <source>Trying again. Check the connection of this computer.</source>
            <translation>正在重试。请检查本机的网络连接。</translation>
        </message>
        <message>
            <source>Type a model of your plan</source>
            <translation>输入你套餐里的一个模型</translation>
        </message>
        <message>
            <source>Type a name for the group</source>
            <translation>输入分组名称</translation>
        </message>
        <message>
            <source>Type the address</source>
            <translation>输入地址</translation>
        </message>
        <message>
            <source>Type the key</source>
            <translation>输入密钥</translation>
        </message>
        <message>
            <source>Type the local key into the settings of Zed's agent panel; `g-copilot-proxy key` prints it.</source>
            <translation>在 Zed 代理面板的设置中输入本地密钥；`g-copilot-proxy key` 会显示它。</translation>
        </message>
        <message>
            <source>Type the model</source>
            <translation>输入模型</translation>
        </message>
        <message>
            <source>Type the model, if it asks for one</source>
            <translation>如果询问模型，请输入模型</translation>
        </message>
        <message>
            <source>Type this code on GitHub</source>
            <translation>在 GitHub 上输入此代码</translation>
        </message>
        <message>
            <source>Type this where it asks for an OpenAI address</source>
            <translation>在它询问 OpenAI 地址处输入这个</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>撤销</translation>
        </message>
        <message>
            <source>Undo connected tools when I quit</source>
            <translation>退出时还原已连接的工具</translation>
        </message>
        <message>
            <source>Unknown model</source>
            <translation>未知模型</translation>
        </message>
        <message>
            <source>Unknown tool</source>
            <translation>未知工具</translation>
        </message>
        <message>
            <source>Unlock it, or set account.token_storage to “file”.</source>
            <translation>请将其解锁，或将 account.token_storage 设为“file”。</translation>
        </message>
        <message>
            <source>Unlock the keychain or sign in on Home, then ask again.</source>
            <translation>请解锁钥匙串或在“主页”登录，然后再试一次。</translation>
        </message>
        <message>
            <source>Unlock the keychain, or keep the sign-in in a file only you can read.</source>
            <translation>请解锁钥匙串，或把登录保存在只有你能读取的文件中。</translation>
        </message>
        <message>
            <source>Unlock the keychain, or sign in again.</source>
            <translation>请解锁钥匙串，或重新登录。</translation>
        </message>
        <message>
            <source>Update Node.js to 22.21 or 24, or use the backend “copilot”.</source>
            <translation>请把 Node.js 更新到 22.21 或 24，或使用后端“copilot”。</translation>
        </message>
        <message>
            <source>Update it to 20 or newer, or name another in upstream.node_path.</source>
            <translation>请更新到 20 或更新版本，或在 upstream.node_path 中指明另一个。</translation>
        </message>
        <message>
            <source>Use a model your plan includes, or see your billing settings at GitHub.</source>
            <translation>请使用套餐内含的模型，或查看 GitHub 上的账单设置。</translation>
        </message>
        <message>
            <source>Use another account</source>
            <translation>使用其他账户</translation>
        </message>
        <message>
            <source>Use another account…</source>
            <translation>使用其他账户…</translation>
        </message>
        <message>
            <source>Use {port}</source>
            <translation>使用 {port}</translation>
        </message>
        <message>
            <source>User agent</source>
            <translation>用户代理标识</translation>
        </message>
        <message>
            <source>Version {version} is available</source>
            <translation>有新版本 {version}</translation>
        </message>
        <message>
            <source>Version {version} is no longer the newest; look again.</source>
            <translation>版本 {version} 已不是最新；请重新检查。</translation>
        </message>
        <message>
            <source>Version {version} is ready</source>
            <translation>版本 {version} 已就绪</translation>
        </message>
        <message>
            <source>Version {version} is the newest</source>
            <translation>版本 {version} 已是最新</translation>
        </message>
        <message>
            <source>Wait a moment; let fewer tools ask at once.</source>
            <translation>请稍候；让同时提问的工具少一些。</translation>
        </message>
        <message>
            <source>Wait for a connection, in seconds</source>
            <translation>等待连接，秒</translation>
        </message>
        <message>
            <source>Wait for a silent answer, in seconds</source>
            <translation>等待没有动静的回答，秒</translation>
        </message>
        <message>
            <source>Wait out GitHub's pauses, in seconds</source>
            <translation>等待 GitHub 的暂停，秒</translation>
        </message>
        <message>
            <source>Wait until the limit ends, or use another model.</source>
            <translation>请等到限制结束，或使用其他模型。</translation>
        </message>
        <message>
            <source>Wait until the limit ends; Home shows when.</source>
            <translation>请等到限制结束；“主页”会显示时间。</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>等待中</translation>
        </message>
        <message>
            <source>Waiting for GitHub</source>
            <translation>等待 GitHub</translation>
        </message>
        <message>
            <source>Waiting for the answer</source>
            <translation>正在等待回答</translation>
        </message>
        <message>
            <source>Waiting for the first word</source>
            <translation>正在等待首个词</translation>
        </message>
        <message>
            <source>Waiting for you</source>
            <translation>等待你</translation>
        </message>
        <message>
            <source>Waiting for you to approve</source>
            <translation>正在等你批准</translation>
        </message>
        <message>
            <source>Waiting for {model}</source>
            <translation>正在等待 {model}</translation>
        </message>
        <message>
            <source>Waits for you</source>
            <translation>在等你</translation>
        </message>
        <message>
            <source>Waits for your answer</source>
            <translation>在等你答复</translation>
        </message>
        <message>
            <source>Was interrupted: repair it</source>
            <translation>曾被中断：请修复</translation>
        </message>
        <message>
            <source>Web pages that may connect</source>
            <translation>可以连接的网页</translation>
        </message>
        <message>
            <source>Web proxy</source>
            <translation>网络代理</translation>
        </message>
        <message>
            <source>What GitHub answered</source>
            <translation>GitHub 的回答</translation>
        </message>
        <message>
            <source>What calls to GitHub go through: your system's proxy, one of your own, or none.</source>
            <translation>对 GitHub 的调用经过什么：系统的代理、你自己的代理，或不用代理。</translation>
        </message>
        <message>
            <source>What can I do?…</source>
            <translation>我能做什么？…</translation>
        </message>
        <message>
            <source>What carries calls to models</source>
            <translation>由什么发送对模型的调用</translation>
        </message>
        <message>
            <source>What changes</source>
            <translation>将更改的内容</translation>
        </message>
        <message>
            <source>What happens to those a model refuses, such as “temperature”.</source>
            <translation>模型拒绝的参数（例如“temperature”）如何处理。</translation>
        </message>
        <message>
            <source>What is kept lies below {folder}, for you alone.</source>
            <translation>保存的内容都在 {folder} 之下，只有你能访问。</translation>
        </message>
        <message>
            <source>What it was about stays as it was.</source>
            <translation>它所涉及的设置保持不变。</translation>
        </message>
        <message>
            <source>What the release page sent is not signed as it must be, and was not used: {error}.</source>
            <translation>发布页面发来的内容签名不符合要求，未予使用：{error}。</translation>
        </message>
        <message>
            <source>What the sign-in may do at GitHub.</source>
            <translation>此登录在 GitHub 上可以做什么。</translation>
        </message>
        <message>
            <source>What the tool asked</source>
            <translation>工具的请求</translation>
        </message>
        <message>
            <source>What the tool got back</source>
            <translation>工具收到的回答</translation>
        </message>
        <message>
            <source>What this is</source>
            <translation>这是什么</translation>
        </message>
        <message>
            <source>What to do</source>
            <translation>怎么办</translation>
        </message>
        <message>
            <source>What was changed</source>
            <translation>已更改的内容</translation>
        </message>
        <message>
            <source>What was sent to GitHub</source>
            <translation>发往 GitHub 的内容</translation>
        </message>
        <message>
            <source>What was traced before goes at once.</source>
            <translation>之前跟踪的内容会立即清除。</translation>
        </message>
        <message>
            <source>When a budget is used up</source>
            <translation>预算用完时</translation>
        </message>
        <message>
            <source>Where config.yaml exists, Continue no longer reads an older config.json.</source>
            <translation>只要有 config.yaml，Continue 就不再读取旧的 config.json。</translation>
        </message>
        <message>
            <source>Where the sign-in is kept</source>
            <translation>登录保存在哪里</translation>
        </message>
        <message>
            <source>Where they offer it. Automatic: after an answer over HTTP broke off.</source>
            <translation>在模型支持的情况下。自动：经 HTTP 的回答中断之后使用。</translation>
        </message>
        <message>
            <source>Where to keep your sign-in</source>
            <translation>把你的登录保存在哪里</translation>
        </message>
        <message>
            <source>Which app GitHub's sign-in page names.</source>
            <translation>GitHub 登录页面显示的应用。</translation>
        </message>
        <message>
            <source>Which models there are depends on your plan.</source>
            <translation>有哪些模型取决于你的套餐。</translation>
        </message>
        <message>
            <source>Whole answer</source>
            <translation>完整回答</translation>
        </message>
        <message>
            <source>Word for word it was in memory only, until the app ended: it may quote the request.</source>
            <translation>逐字原文只在内存中，应用退出后即无：它可能引用请求内容。</translation>
        </message>
        <message>
            <source>Word the request otherwise.</source>
            <translation>请换一种说法。</translation>
        </message>
        <message>
            <source>Write it like company.ghe.com. Nothing was sent</source>
            <translation>请写成 company.ghe.com 这样。什么都没有发送</translation>
        </message>
        <message>
            <source>Writing its settings</source>
            <translation>正在写入设置</translation>
        </message>
        <message>
            <source>Writing the cache cost {credits} more.</source>
            <translation>写入缓存多花了 {credits}。</translation>
        </message>
        <message>
            <source>Writing {file} failed: {error}.</source>
            <translation>写入 {file} 失败：{error}。</translation>
        </message>
        <message>
            <source>Written to cache</source>
            <translation>写入缓存</translation>
        </message>
        <message>
            <source>Wrong keys are being tried</source>
            <translation>有人在尝试错误的密钥</translation>
        </message>
        <message>
            <source>You are asked before each further request.</source>
            <translation>之后的每个请求都会先询问你。</translation>
        </message>
        <message>
            <source>You are asked before each request until {end}.</source>
            <translation>在 {end} 之前，每个请求都会先问你。</translation>
        </message>
        <message>
            <source>You are signed in</source>
            <translation>你已登录</translation>
        </message>
        <message>
            <source>You are signed in to {before}, but the settings now name {now}.</source>
            <translation>你登录的是 {before}，但设置现在写的是 {now}。</translation>
        </message>
        <message>
            <source>You are signed out until the next start</source>
            <translation>到下次启动前你处于退出登录状态</translation>
        </message>
        <message>
            <source>You are told at 80 and at 100 percent in any case.</source>
            <translation>无论如何，在 80% 和 100% 时都会告诉你。</translation>
        </message>
        <message>
            <source>You declined on GitHub</source>
            <translation>你在 GitHub 上拒绝了</translation>
        </message>
        <message>
            <source>You declined on GitHub. Nothing was stored.</source>
            <translation>你在 GitHub 上拒绝了。没有保存任何内容。</translation>
        </message>
        <message>
            <source>You reached GitHub's limit</source>
            <translation>你达到了 GitHub 的限制</translation>
        </message>
        <message>
            <source>You see the figures of {time}.</source>
            <translation>你看到的是 {time} 的数字。</translation>
        </message>
        <message>
            <source>You type it on GitHub's own page. This app never sees your password.</source>
            <translation>在 GitHub 自己的页面上输入。本应用看不到你的密码。</translation>
        </message>
        <message>
            <source>Your Copilot plan, in the tools you like</source>
            <translation>你的 Copilot 套餐，用在你喜欢的工具里</translation>
        </message>
        <message>
            <source>Your account may not listen on port {port}; use one above 1023.</source>
            <translation>你的账户不能在端口 {port} 上监听；请使用 1023 以上的端口。</translation>
        </message>
        <message>
            <source>Your browser did not open. Go to this address; the code is copied.</source>
            <translation>浏览器没有打开。请前往此地址；代码已复制。</translation>
        </message>
        <message>
            <source>Your budget for {period} is used up</source>
            <translation>你{period}的预算已用完</translation>
        </message>
        <message>
            <source>Your key and tools are kept. Signing in again takes about a minute.</source>
            <translation>你的密钥和工具都保留着。重新登录约需一分钟。</translation>
        </message>
        <message>
            <source>Your own budget is used up, and you want to be asked then.</source>
            <translation>你自己的预算已用完，而你希望这时先询问。</translation>
        </message>
        <message>
            <source>Your own budget: {parts}</source>
            <translation>你自己的预算：{parts}</translation>
        </message>
        <message>
            <source>Your own limit, not GitHub's. Leave it empty for none.</source>
            <translation>你自己的限制，不是 GitHub 的。留空表示不限。</translation>
        </message>
        <message>
            <source>Your own names for models</source>
            <translation>你给模型起的名字</translation>
        </message>
        <message>
            <source>Your plan or your organisation offers none at the moment.</source>
            <translation>你的套餐或组织目前没有提供。</translation>
        </message>
        <message>
            <source>Your settings are unchanged.</source>
            <translation>你的设置没有改变。</translation>
        </message>
        <message>
            <source>Your settings say direct: connections go straight to GitHub.</source>
            <translation>你的设置为直连：连接直接通往 GitHub。</translation>
        </message>
        <message>
            <source>Your sign-in cannot be read yet</source>
            <translation>暂时无法读取你的登录</translation>
        </message>
        <message>
            <source>a file</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>about {amount}</source>
            <translation>约 {amount}</translation>
        </message>
        <message>
            <source>about {credits} credits</source>
            <translation>约 {credits} 点数</translation>
        </message>
        <message>
            <source>about {tokens} tokens</source>
            <translation>约 {tokens} 词元</translation>
        </message>
        <message>
            <source>address number 4141 listen</source>
            <translation>地址 端口 4141 监听</translation>
        </message>
        <message>
            <source>alias rename short name</source>
            <translation>别名 改名 简称</translation>
        </message>
        <message>
            <source>an agent's</source>
            <translation>代理的请求</translation>
        </message>
        <message>
            <source>an agent's: {why}</source>
            <translation>代理的请求：{why}</translation>
        </message>
        <message>
            <source>another program</source>
            <translation>另一个程序</translation>
        </message>
        <message>
            <source>api key token revoke</source>
            <translation>api 密钥 令牌 吊销</translation>
        </message>
        <message>
            <source>approve approval confirm question</source>
            <translation>批准 确认 询问</translation>
        </message>
        <message>
            <source>automatic start launch begin</source>
            <translation>自动 启动 开始</translation>
        </message>
        <message>
            <source>autostart login boot launch automatically</source>
            <translation>开机 登录 自动启动</translation>
        </message>
        <message>
            <source>backend pi-ai node library bridge</source>
            <translation>后端 pi-ai node 库 桥接</translation>
        </message>
        <message>
            <source>backend pi-ai per model</source>
            <translation>后端 pi-ai 按模型</translation>
        </message>
        <message>
            <source>busiest minute: {count}</source>
            <translation>最忙的一分钟：{count}</translation>
        </message>
        <message>
            <source>by {day}, no limit known</source>
            <translation>到 {day}，没有已知的限制</translation>
        </message>
        <message>
            <source>by {day}, within the plan</source>
            <translation>到 {day}，在套餐之内</translation>
        </message>
        <message>
            <source>cache billing header stabilise system prompt</source>
            <translation>缓存 计费 标头 固定 系统提示</translation>
        </message>
        <message>
            <source>close quit background gnome</source>
            <translation>关闭 退出 后台 gnome</translation>
        </message>
        <message>
            <source>codex socket</source>
            <translation>codex 套接字</translation>
        </message>
        <message>
            <source>connection refused</source>
            <translation>连接被拒绝</translation>
        </message>
        <message>
            <source>copilot is built in; pi_ai needs Node.js and “g-copilot-proxy backend install”.</source>
            <translation>copilot 是内置的；pi_ai 需要 Node.js 和“g-copilot-proxy backend install”。</translation>
        </message>
        <message>
            <source>cors browser website</source>
            <translation>跨域 浏览器 网站</translation>
        </message>
        <message>
            <source>counted here</source>
            <translation>此处统计</translation>
        </message>
        <message>
            <source>counted here {credits}, live</source>
            <translation>此处统计 {credits}，即时</translation>
        </message>
        <message>
            <source>counted here, live</source>
            <translation>此处统计，即时</translation>
        </message>
        <message>
            <source>counted here, {credits} estimated</source>
            <translation>此处统计，其中估算 {credits}</translation>
        </message>
        <message>
            <source>credits</source>
            <translation>点数</translation>
        </message>
        <message>
            <source>credits per 1M tokens: in, cached, out</source>
            <translation>每 100 万词元的点数：输入、缓存、输出</translation>
        </message>
        <message>
            <source>credits, no budget set</source>
            <translation>点数，未设预算</translation>
        </message>
        <message>
            <source>credits, no limit known</source>
            <translation>点数，没有已知的限制</translation>
        </message>
        <message>
            <source>daily budget spend cost money</source>
            <translation>每日 预算 花费 费用</translation>
        </message>
        <message>
            <source>delete clear erase remove usage</source>
            <translation>删除 清除 用量</translation>
        </message>
        <message>
            <source>dns rebinding domain</source>
            <translation>dns 重绑定 域名</translation>
        </message>
        <message>
            <source>enterprise company host</source>
            <translation>企业 公司 主机</translation>
        </message>
        <message>
            <source>even pace, {percent} %</source>
            <translation>匀速 {percent} %</translation>
        </message>
        <message>
            <source>file toml configuration open</source>
            <translation>文件 toml 配置 打开</translation>
        </message>
        <message>
            <source>from COPILOT_GITHUB_TOKEN</source>
            <translation>来自 COPILOT_GITHUB_TOKEN</translation>
        </message>
        <message>
            <source>from GitHub, read {ago}</source>
            <translation>来自 GitHub，读取于 {ago}</translation>
        </message>
        <message>
            <source>g-copilot-proxy goes on in the tray</source>
            <translation>g-copilot-proxy 仍在托盘中运行</translation>
        </message>
        <message>
            <source>g-copilot-proxy: needs you. {state}</source>
            <translation>g-copilot-proxy：需要你。{state}</translation>
        </message>
        <message>
            <source>g-copilot-proxy: {state}</source>
            <translation>g-copilot-proxy：{state}</translation>
        </message>
        <message>
            <source>github.com, or your company's address that ends in .ghe.com.</source>
            <translation>github.com，或你公司以 .ghe.com 结尾的地址。</translation>
        </message>
        <message>
            <source>google gemini cli genai dialect</source>
            <translation>google gemini cli genai 方言 接口</translation>
        </message>
        <message>
            <source>header</source>
            <translation>标头</translation>
        </message>
        <message>
            <source>host interface bind ip lan</source>
            <translation>主机 接口 绑定 ip 局域网</translation>
        </message>
        <message>
            <source>http https_proxy direct company network</source>
            <translation>http https_proxy 直连 公司 网络 代理</translation>
        </message>
        <message>
            <source>images</source>
            <translation>图片</translation>
        </message>
        <message>
            <source>images allowed</source>
            <translation>允许图片</translation>
        </message>
        <message>
            <source>images allowed, web search allowed</source>
            <translation>允许图片，允许网络搜索</translation>
        </message>
        <message>
            <source>images off</source>
            <translation>图片关闭</translation>
        </message>
        <message>
            <source>images off, web search allowed</source>
            <translation>图片关闭，允许网络搜索</translation>
        </message>
        <message>
            <source>in a file only your account can read</source>
            <translation>在只有你的账户能读的文件中</translation>
        </message>
        <message>
            <source>in memory until you quit</source>
            <translation>在内存中，直到你退出</translation>
        </message>
        <message>
            <source>in the system keychain</source>
            <translation>在系统钥匙串中</translation>
        </message>
        <message>
            <source>included in plan</source>
            <translation>包含在套餐中</translation>
        </message>
        <message>
            <source>it holds no certificate in PEM form</source>
            <translation>其中没有 PEM 格式的证书</translation>
        </message>
        <message>
            <source>it is not UTF-8 text</source>
            <translation>它不是 UTF-8 文本</translation>
        </message>
        <message>
            <source>just now</source>
            <translation>刚刚</translation>
        </message>
        <message>
            <source>kept in a file only you can read</source>
            <translation>保存在只有你能读取的文件中</translation>
        </message>
        <message>
            <source>kept in memory until the program ends</source>
            <translation>保存在内存中，直到程序结束</translation>
        </message>
        <message>
            <source>kept in the keychain</source>
            <translation>保存在钥匙串中</translation>
        </message>
        <message>
            <source>lan network share remote 0.0.0.0 host</source>
            <translation>局域网 网络 共享 远程 0.0.0.0 主机</translation>
        </message>
        <message>
            <source>last: {account}</source>
            <translation>上次：{account}</translation>
        </message>
        <message>
            <source>leak invoke agent stops loop</source>
            <translation>泄漏 工具调用 代理 停止 循环</translation>
        </message>
        <message>
            <source>ledger log record tracking</source>
            <translation>账本 日志 记录</translation>
        </message>
        <message>
            <source>less than 1 min</source>
            <translation>不到 1 分钟</translation>
        </message>
        <message>
            <source>less than {credits}</source>
            <translation>不到 {credits}</translation>
        </message>
        <message>
            <source>line {number}</source>
            <translation>第 {number} 行</translation>
        </message>
        <message>
            <source>lines {first} to {last}</source>
            <translation>第 {first} 至 {last} 行</translation>
        </message>
        <message>
            <source>live</source>
            <translation>即时</translation>
        </message>
        <message>
            <source>logging trace error open</source>
            <translation>日志 跟踪 错误 打开</translation>
        </message>
        <message>
            <source>memory</source>
            <translation>内存</translation>
        </message>
        <message>
            <source>midnight</source>
            <translation>午夜</translation>
        </message>
        <message>
            <source>monthly budget spend cost money</source>
            <translation>每月 预算 花费 费用</translation>
        </message>
        <message>
            <source>never</source>
            <translation>从未</translation>
        </message>
        <message>
            <source>no figure from GitHub yet</source>
            <translation>GitHub 还没有给出数字</translation>
        </message>
        <message>
            <source>no limit known</source>
            <translation>没有已知的限制</translation>
        </message>
        <message>
            <source>no model</source>
            <translation>无模型</translation>
        </message>
        <message>
            <source>no pace known yet</source>
            <translation>还没有用量速度</translation>
        </message>
        <message>
            <source>no prompts yet</source>
            <translation>还没有提示</translation>
        </message>
        <message>
            <source>no tools</source>
            <translation>无工具</translation>
        </message>
        <message>
            <source>node path program</source>
            <translation>node 路径 程序</translation>
        </message>
        <message>
            <source>none running</source>
            <translation>没有运行中的</translation>
        </message>
        <message>
            <source>not kept</source>
            <translation>未保存</translation>
        </message>
        <message>
            <source>not known</source>
            <translation>未知</translation>
        </message>
        <message>
            <source>not listening</source>
            <translation>未监听</translation>
        </message>
        <message>
            <source>notification popup</source>
            <translation>通知 弹窗</translation>
        </message>
        <message>
            <source>of all prompt tokens</source>
            <translation>占全部提示词元</translation>
        </message>
        <message>
            <source>of it thinking</source>
            <translation>其中思考</translation>
        </message>
        <message>
            <source>of {limit}</source>
            <translation>共 {limit}</translation>
        </message>
        <message>
            <source>of {limit} (your budget)</source>
            <translation>共 {limit}（你的预算）</translation>
        </message>
        <message>
            <source>of {limit} used</source>
            <translation>已用，共 {limit}</translation>
        </message>
        <message>
            <source>of {limit}, resets {day}</source>
            <translation>共 {limit}，{day} 重置</translation>
        </message>
        <message>
            <source>ollama local dialect</source>
            <translation>ollama 本地 方言 接口</translation>
        </message>
        <message>
            <source>other lines stay as they are</source>
            <translation>其余行保持不变</translation>
        </message>
        <message>
            <source>parallel concurrency simultaneous</source>
            <translation>并行 并发 同时</translation>
        </message>
        <message>
            <source>parameter unsupported error 400 adaptive strict</source>
            <translation>参数 不支持 错误 400 自适应 严格</translation>
        </message>
        <message>
            <source>pass through bearer</source>
            <translation>透传 令牌</translation>
        </message>
        <message>
            <source>password token authentication security api key</source>
            <translation>密码 令牌 认证 安全 api 密钥</translation>
        </message>
        <message>
            <source>pi-ai {version} is installed</source>
            <translation>pi-ai {version} 已安装</translation>
        </message>
        <message>
            <source>ping keep alive timeout silence</source>
            <translation>心跳 保持连接 超时 静默</translation>
        </message>
        <message>
            <source>plugin extension hook</source>
            <translation>插件 扩展 钩子</translation>
        </message>
        <message>
            <source>premium requests</source>
            <translation>高级请求</translation>
        </message>
        <message>
            <source>price not known</source>
            <translation>价格未知</translation>
        </message>
        <message>
            <source>probe doctor measure account</source>
            <translation>探测 诊断 测量 账户</translation>
        </message>
        <message>
            <source>proxy tls ssl company</source>
            <translation>代理 tls ssl 公司</translation>
        </message>
        <message>
            <source>queue waiting</source>
            <translation>队列 等待</translation>
        </message>
        <message>
            <source>requests</source>
            <translation>请求</translation>
        </message>
        <message>
            <source>restore revert disconnect</source>
            <translation>恢复 还原 断开</translation>
        </message>
        <message>
            <source>retention delete forget</source>
            <translation>保留 删除 忘记</translation>
        </message>
        <message>
            <source>retry after rate limit</source>
            <translation>重试 速率限制</translation>
        </message>
        <message>
            <source>saved about {credits} credits</source>
            <translation>节省约 {credits} 点数</translation>
        </message>
        <message>
            <source>signed in with this app</source>
            <translation>由本应用登录</translation>
        </message>
        <message>
            <source>size limit upload</source>
            <translation>大小 限制 上传</translation>
        </message>
        <message>
            <source>socket</source>
            <translation>套接字</translation>
        </message>
        <message>
            <source>status {n}</source>
            <translation>状态 {n}</translation>
        </message>
        <message>
            <source>the 1st</source>
            <translation>1 日</translation>
        </message>
        <message>
            <source>the environment</source>
            <translation>环境变量</translation>
        </message>
        <message>
            <source>the system's store</source>
            <translation>系统的证书库</translation>
        </message>
        <message>
            <source>the system's store and {file}</source>
            <translation>系统的证书库和 {file}</translation>
        </message>
        <message>
            <source>theme dark mode colours night</source>
            <translation>主题 深色 颜色 夜间</translation>
        </message>
        <message>
            <source>then the allowance is used up</source>
            <translation>届时额度用完</translation>
        </message>
        <message>
            <source>thinking</source>
            <translation>思考</translation>
        </message>
        <message>
            <source>this month</source>
            <translation>本月</translation>
        </message>
        <message>
            <source>this month {spent} of {limit} credits</source>
            <translation>本月 {spent}，共 {limit} 点数</translation>
        </message>
        <message>
            <source>timeout slow</source>
            <translation>超时 慢</translation>
        </message>
        <message>
            <source>timeout slow idle</source>
            <translation>超时 慢 空闲</translation>
        </message>
        <message>
            <source>today</source>
            <translation>今天</translation>
        </message>
        <message>
            <source>today {spent} of {limit} credits</source>
            <translation>今天 {spent}，共 {limit} 点数</translation>
        </message>
        <message>
            <source>token password secret store</source>
            <translation>令牌 密码 保存</translation>
        </message>
        <message>
            <source>tools</source>
            <translation>工具</translation>
        </message>
        <message>
            <source>translated</source>
            <translation>经翻译</translation>
        </message>
        <message>
            <source>translation Chinese English</source>
            <translation>翻译 中文 英文</translation>
        </message>
        <message>
            <source>unchanged</source>
            <translation>原样</translation>
        </message>
        <message>
            <source>until I resume</source>
            <translation>直到我恢复</translation>
        </message>
        <message>
            <source>until {day}</source>
            <translation>到 {day}</translation>
        </message>
        <message>
            <source>update upgrade release</source>
            <translation>更新 升级 版本 发布</translation>
        </message>
        <message>
            <source>used up</source>
            <translation>已用完</translation>
        </message>
        <message>
            <source>used, no limit</source>
            <translation>已用，不限</translation>
        </message>
        <message>
            <source>valid for {time}</source>
            <translation>有效期 {time}</translation>
        </message>
        <message>
            <source>version release licence</source>
            <translation>版本 发布 许可证</translation>
        </message>
        <message>
            <source>warn ask stop limit reached</source>
            <translation>警告 询问 停止 限制</translation>
        </message>
        <message>
            <source>with a token from elsewhere, used as it is</source>
            <translation>使用来自别处的令牌，原样使用</translation>
        </message>
        <message>
            <source>within the plan</source>
            <translation>在套餐之内</translation>
        </message>
        <message>
            <source>yours</source>
            <translation>你的请求</translation>
        </message>
        <message>
            <source>{account} has no Copilot plan</source>
            <translation>{account} 没有 Copilot 套餐</translation>
        </message>
        <message>
            <source>{account} is signed in, but has no Copilot plan.</source>
            <translation>{account} 已登录，但没有 Copilot 套餐。</translation>
        </message>
        <message>
            <source>{account}. You can use another account at any time.</source>
            <translation>{account}。你随时可以使用其他账户。</translation>
        </message>
        <message>
            <source>{amount} a day at the present pace</source>
            <translation>按目前速度每天 {amount}</translation>
        </message>
        <message>
            <source>{amount} {unit} a month</source>
            <translation>每月 {amount} {unit}</translation>
        </message>
        <message>
            <source>{asked} → {sent}, {how}</source>
            <translation>{asked} → {sent}，{how}</translation>
        </message>
        <message>
            <source>{count} bytes</source>
            <translation>{count} 字节</translation>
        </message>
        <message>
            <source>{count} kB</source>
            <translation>{count} kB</translation>
        </message>
        <message>
            <source>{count} more lines of {file} cannot be read.</source>
            <translation>{file} 还有 {count} 行无法读取。</translation>
        </message>
        <message>
            <source>{count} off</source>
            <translation>{count} 个关闭</translation>
        </message>
        <message>
            <source>{count} requests today, {credits} credits.</source>
            <translation>今天 {count} 个请求，{credits} 点数。</translation>
        </message>
        <message>
            <source>{count} requests wait for your answer</source>
            <translation>{count} 个请求在等你答复</translation>
        </message>
        <message>
            <source>{count} running</source>
            <translation>{count} 个运行中</translation>
        </message>
        <message>
            <source>{count} settings could not be read</source>
            <translation>有 {count} 项设置无法读取</translation>
        </message>
        <message>
            <source>{count} today</source>
            <translation>今天 {count} 个</translation>
        </message>
        <message>
            <source>{count} wait for you</source>
            <translation>{count} 个在等你</translation>
        </message>
        <message>
            <source>{count}M</source>
            <translation>{count}M</translation>
        </message>
        <message>
            <source>{count}k</source>
            <translation>{count}k</translation>
        </message>
        <message>
            <source>{credits} credits</source>
            <translation>{credits} 点数</translation>
        </message>
        <message>
            <source>{credits} credits counted here</source>
            <translation>此处统计 {credits} 点数</translation>
        </message>
        <message>
            <source>{credits} credits, no limit known</source>
            <translation>{credits} 点数，没有已知的限制</translation>
        </message>
        <message>
            <source>{credits} credits, {cached} % cached</source>
            <translation>{credits} 点数，{cached} % 来自缓存</translation>
        </message>
        <message>
            <source>{days} d ago</source>
            <translation>{days} 天前</translation>
        </message>
        <message>
            <source>{days} d {hours} h</source>
            <translation>{days} 天 {hours} 小时</translation>
        </message>
        <message>
            <source>{day}, forecast {credits}</source>
            <translation>{day}，预测 {credits}</translation>
        </message>
        <message>
            <source>{done} of {count} are done.</source>
            <translation>已完成 {done}，共 {count}。</translation>
        </message>
        <message>
            <source>{figures}, {credits} credits</source>
            <translation>{figures}，{credits} 点数</translation>
        </message>
        <message>
            <source>{file} cannot be opened for writing.</source>
            <translation>无法打开 {file} 进行写入。</translation>
        </message>
        <message>
            <source>{file} cannot be read</source>
            <translation>无法读取 {file}</translation>
        </message>
        <message>
            <source>{file} cannot be read: {reason}.</source>
            <translation>无法读取 {file}：{reason}。</translation>
        </message>
        <message>
            <source>{file} cannot be read: {reason}. All settings stay as they were.</source>
            <translation>无法读取 {file}：{reason}。所有设置保持不变。</translation>
        </message>
        <message>
            <source>{file} cannot be removed: {reason}.</source>
            <translation>无法删除 {file}：{reason}。</translation>
        </message>
        <message>
            <source>{file} cannot be written: {reason}. You stay signed in only until you quit.</source>
            <translation>无法写入 {file}：{reason}。你只在退出应用前保持登录。</translation>
        </message>
        <message>
            <source>{file} has {name}, which is not a setting; it is ignored.{suggestion}</source>
            <translation>{file} 中的 {name} 不是设置；已忽略。{suggestion}</translation>
        </message>
        <message>
            <source>{file} is not a usage record: {error}.</source>
            <translation>{file} 不是用量记录：{error}。</translation>
        </message>
        <message>
            <source>{file} is not valid TOML</source>
            <translation>{file} 不是有效的 TOML</translation>
        </message>
        <message>
            <source>{file} is read without a complaint.</source>
            <translation>{file} 读取正常。</translation>
        </message>
        <message>
            <source>{file} was written by a newer version of this app ({error}).</source>
            <translation>{file} 由本应用的较新版本写入（{error}）。</translation>
        </message>
        <message>
            <source>{fine} passed, {unknown} could not be told</source>
            <translation>{fine} 项通过，{unknown} 项无法判断</translation>
        </message>
        <message>
            <source>{first} and {last}</source>
            <translation>{first} 和 {last}</translation>
        </message>
        <message>
            <source>{folder} cannot be made: {above} is closed to your account.</source>
            <translation>无法创建 {folder}：你的账户不能进入 {above}。</translation>
        </message>
        <message>
            <source>{folder} cannot be written.</source>
            <translation>无法写入 {folder}。</translation>
        </message>
        <message>
            <source>{heading}: nothing used yet</source>
            <translation>{heading}：还没有使用</translation>
        </message>
        <message>
            <source>{heading}: {total}, highest {most} on {day}</source>
            <translation>{heading}：{total}，最高 {most}，在 {day}</translation>
        </message>
        <message>
            <source>{host} answers in {milliseconds} ms.</source>
            <translation>{host} 在 {milliseconds} 毫秒内回应。</translation>
        </message>
        <message>
            <source>{host} answers with an error ({status}).</source>
            <translation>{host} 回应了错误（{status}）。</translation>
        </message>
        <message>
            <source>{host} could not be reached ({reason}). Check the network, then try again.</source>
            <translation>无法连接 {host}（{reason}）。请检查网络，然后重试。</translation>
        </message>
        <message>
            <source>{host} did not open a WebSocket (status {status}).</source>
            <translation>{host} 没有打开 WebSocket（状态 {status}）。</translation>
        </message>
        <message>
            <source>{host} did not say what time it is.</source>
            <translation>{host} 没有说明时间。</translation>
        </message>
        <message>
            <source>{host} is not a usable address.</source>
            <translation>{host} 不是可用的地址。</translation>
        </message>
        <message>
            <source>{host} took the request but did not answer in time.</source>
            <translation>{host} 接受了请求，但没有及时回应。</translation>
        </message>
        <message>
            <source>{host} took {seconds} s to answer.</source>
            <translation>{host} 用了 {seconds} 秒才回应。</translation>
        </message>
        <message>
            <source>{hours} h ago</source>
            <translation>{hours} 小时前</translation>
        </message>
        <message>
            <source>{hours} h {minutes} min</source>
            <translation>{hours} 小时 {minutes} 分钟</translation>
        </message>
        <message>
            <source>{left} credits left</source>
            <translation>剩余 {left} 点数</translation>
        </message>
        <message>
            <source>{left} of {limit} credits left</source>
            <translation>剩余 {left} / {limit} 点数</translation>
        </message>
        <message>
            <source>{left} of {limit} credits left, resets {day}</source>
            <translation>剩余 {left} / {limit} 点数，{day}重置</translation>
        </message>
        <message>
            <source>{limit}, {span} left</source>
            <translation>{limit}，还剩 {span}</translation>
        </message>
        <message>
            <source>{login} has no Copilot plan</source>
            <translation>{login} 没有 Copilot 套餐</translation>
        </message>
        <message>
            <source>{login} on {host}, {how}; {place}.</source>
            <translation>{host} 上的 {login}，{how}；{place}。</translation>
        </message>
        <message>
            <source>{login} on {host}; {place}.</source>
            <translation>{host} 上的 {login}；{place}。</translation>
        </message>
        <message>
            <source>{low} to {high}</source>
            <translation>{low} 到 {high}</translation>
        </message>
        <message>
            <source>{minutes} min</source>
            <translation>{minutes} 分钟</translation>
        </message>
        <message>
            <source>{minutes} min ago</source>
            <translation>{minutes} 分钟前</translation>
        </message>
        <message>
            <source>{minutes} min {seconds} s</source>
            <translation>{minutes} 分 {seconds} 秒</translation>
        </message>
        <message>
            <source>{model} answered in {took}</source>
            <translation>{model} 在 {took} 后回答</translation>
        </message>
        <message>
            <source>{model} answered in {took}, less than {credits} credits</source>
            <translation>{model} 在 {took} 后回答，不到 {credits} 点数</translation>
        </message>
        <message>
            <source>{model} answered in {took}, {credits} credits</source>
            <translation>{model} 在 {took} 后回答，{credits} 点数</translation>
        </message>
        <message>
            <source>{model} is no longer offered</source>
            <translation>不再提供 {model}</translation>
        </message>
        <message>
            <source>{model} is no longer offered; {successor} takes its place.</source>
            <translation>{model} 已不再提供；由 {successor} 代替。</translation>
        </message>
        <message>
            <source>{model}, {credits} credits, {cached} cached</source>
            <translation>{model}，{credits} 点数，{cached} 来自缓存</translation>
        </message>
        <message>
            <source>{model}, {state}, {abilities}</source>
            <translation>{model}，{state}，{abilities}</translation>
        </message>
        <message>
            <source>{names} and {last}</source>
            <translation>{names}和{last}</translation>
        </message>
        <message>
            <source>{names} translated.</source>
            <translation>{names} 经翻译。</translation>
        </message>
        <message>
            <source>{names} unchanged.</source>
            <translation>{names} 原样。</translation>
        </message>
        <message>
            <source>{name} could not be loaded: {reason}. Requests go on without it.</source>
            <translation>无法加载 {name}：{reason}。请求照常进行，但不经过它。</translation>
        </message>
        <message>
            <source>{name} is connected</source>
            <translation>{name} 已连接</translation>
        </message>
        <message>
            <source>{name} is disconnected</source>
            <translation>{name} 已断开</translation>
        </message>
        <message>
            <source>{name} {version}, {state}</source>
            <translation>{name} {version}，{state}</translation>
        </message>
        <message>
            <source>{name}, key ending in {ending}, last used: {used}</source>
            <translation>{name}，密钥尾号 {ending}，上次使用：{used}</translation>
        </message>
        <message>
            <source>{name}, key {key}, last used: {used}</source>
            <translation>{name}，密钥 {key}，上次使用：{used}</translation>
        </message>
        <message>
            <source>{name}, {credits} credits</source>
            <translation>{name}，{credits} 点数</translation>
        </message>
        <message>
            <source>{name}, {state}</source>
            <translation>{name}，{state}</translation>
        </message>
        <message>
            <source>{need} thing needs you, {fine} passed</source>
            <translation>{need} 项需要你处理，{fine} 项通过</translation>
        </message>
        <message>
            <source>{need} things need you, {fine} passed</source>
            <translation>{need} 项需要你处理，{fine} 项通过</translation>
        </message>
        <message>
            <source>{on} on, {off} off</source>
            <translation>{on} 个开启，{off} 个关闭</translation>
        </message>
        <message>
            <source>{part}, {size}</source>
            <translation>{part}，{size}</translation>
        </message>
        <message>
            <source>{path} is not a Node.js that starts.</source>
            <translation>{path} 不是能启动的 Node.js。</translation>
        </message>
        <message>
            <source>{path}: {added} lines are added, {removed} removed</source>
            <translation>{path}：新增 {added} 行，删除 {removed} 行</translation>
        </message>
        <message>
            <source>{paused}. Requests are refused politely</source>
            <translation>{paused}。请求会被礼貌地拒绝</translation>
        </message>
        <message>
            <source>{percent} %</source>
            <translation>{percent} %</translation>
        </message>
        <message>
            <source>{percent} % of your budget for {period} is used</source>
            <translation>你{period}的预算已用 {percent} %</translation>
        </message>
        <message>
            <source>{place} has our name but is not ours.</source>
            <translation>{place} 与我们同名，但不是我们的。</translation>
        </message>
        <message>
            <source>{plan}, {allowance}.</source>
            <translation>{plan}，{allowance}。</translation>
        </message>
        <message>
            <source>{plan}, {allowance}: all of it is used.</source>
            <translation>{plan}，{allowance}：已全部用完。</translation>
        </message>
        <message>
            <source>{plan}; GitHub tells no allowance.</source>
            <translation>{plan}；GitHub 没有说明额度。</translation>
        </message>
        <message>
            <source>{port} is free; the server does not run.</source>
            <translation>{port} 空闲；服务器没有运行。</translation>
        </message>
        <message>
            <source>{port} is ours. Only this computer can reach it.</source>
            <translation>{port} 由本应用使用。只有本机可以访问。</translation>
        </message>
        <message>
            <source>{port} is ours. Other computers can reach it; a key is required.</source>
            <translation>{port} 由本应用使用。其他电脑可以访问；需要密钥。</translation>
        </message>
        <message>
            <source>{prompt} in, {output} out</source>
            <translation>输入 {prompt}，输出 {output}</translation>
        </message>
        <message>
            <source>{proxy} GitHub could not be reached through it.</source>
            <translation>{proxy}经由它无法连接 GitHub。</translation>
        </message>
        <message>
            <source>{reach}, up {span}</source>
            <translation>{reach}，已运行 {span}</translation>
        </message>
        <message>
            <source>{reasons} The copy is still there; it is not used any more.</source>
            <translation>{reasons}副本还在；但不再使用。</translation>
        </message>
        <message>
            <source>{reason} Requests go on; what they cost is kept in memory and written as soon as it can be.</source>
            <translation>{reason}请求照常进行；其花费保存在内存中，一旦可以便会写入。</translation>
        </message>
        <message>
            <source>{reason} You stay signed in only until you quit.</source>
            <translation>{reason}你只在退出应用前保持登录。</translation>
        </message>
        <message>
            <source>{reason} Your sign-in is kept in {place}.</source>
            <translation>{reason}你的登录保存在{place}中。</translation>
        </message>
        <message>
            <source>{reason} Your sign-in may be in it; it is asked again until it answers.</source>
            <translation>{reason}你的登录可能在其中；会继续询问直到它回应。</translation>
        </message>
        <message>
            <source>{requests} written to {file}</source>
            <translation>已将 {requests} 写入 {file}</translation>
        </message>
        <message>
            <source>{same} unchanged, {other} translated.</source>
            <translation>{same} 原样，{other} 经翻译。</translation>
        </message>
        <message>
            <source>{seconds} s</source>
            <translation>{seconds} 秒</translation>
        </message>
        <message>
            <source>{section} must be a table, written as [{section}]. Its settings stay as they were.</source>
            <translation>{section} 必须是一个表，写作 [{section}]。其设置保持不变。</translation>
        </message>
        <message>
            <source>{sender} keeps sending keys that are not yours. None was let in.</source>
            <translation>{sender}一直在发送不属于你的密钥。没有一个被放行。</translation>
        </message>
        <message>
            <source>{sentence} That is fine.</source>
            <translation>{sentence}没有问题。</translation>
        </message>
        <message>
            <source>{sentence}, {yours} of them told to GitHub as yours</source>
            <translation>{sentence}，其中 {yours} 个对 GitHub 计为你的请求</translation>
        </message>
        <message>
            <source>{setting} is {value} until it is corrected.</source>
            <translation>改正之前 {setting} 为 {value}。</translation>
        </message>
        <message>
            <source>{setting} must be {allowed}, but {file} says {value}. {until}</source>
            <translation>{setting} 必须是 {allowed}，但 {file} 写的是 {value}。{until}</translation>
        </message>
        <message>
            <source>{source}: {host}, port {port}.</source>
            <translation>{source}：{host}，端口 {port}。</translation>
        </message>
        <message>
            <source>{source}: {host}.</source>
            <translation>{source}：{host}。</translation>
        </message>
        <message>
            <source>{spent} credits, no budget set</source>
            <translation>{spent} 点数，未设预算</translation>
        </message>
        <message>
            <source>{spent} of your own {limit} credits for {period} are used.</source>
            <translation>你{period}自定的 {limit} 点数已用 {spent}。</translation>
        </message>
        <message>
            <source>{spent} of {limit}</source>
            <translation>{spent}，共 {limit}</translation>
        </message>
        <message>
            <source>{spent} of {limit} credits this month, your own budget</source>
            <translation>本月 {spent}，共 {limit} 点数，你自己的预算</translation>
        </message>
        <message>
            <source>{spent} of {limit} credits today, your own budget</source>
            <translation>今天 {spent}，共 {limit} 点数，你自己的预算</translation>
        </message>
        <message>
            <source>{spent} of {limit}, would be {low} to {high}</source>
            <translation>{spent}，共 {limit}，之后为 {low} 到 {high}</translation>
        </message>
        <message>
            <source>{state}, {tool}, {model}, {took}</source>
            <translation>{state}，{tool}，{model}，{took}</translation>
        </message>
        <message>
            <source>{system}. Free software under the MIT licence; not affiliated with GitHub.</source>
            <translation>{system}。采用 MIT 许可证的自由软件；与 GitHub 无关联。</translation>
        </message>
        <message>
            <source>{time}: {count} requests</source>
            <translation>{time}：{count} 个请求</translation>
        </message>
        <message>
            <source>{tokens} tokens, about {share} % in the cache</source>
            <translation>{tokens} 词元，约 {share} % 在缓存中</translation>
        </message>
        <message>
            <source>{tokens} tokens, {cached} % cached</source>
            <translation>{tokens} 词元，{cached} % 来自缓存</translation>
        </message>
        <message>
            <source>{took}, {input} → {output} tokens</source>
            <translation>{took}，{input} → {output} 词元</translation>
        </message>
        <message>
            <source>{tool} is paused</source>
            <translation>{tool} 已暂停</translation>
        </message>
        <message>
            <source>{tool} is paused until you resume it</source>
            <translation>{tool} 已暂停，直到你恢复</translation>
        </message>
        <message>
            <source>{tool} is paused until {time}</source>
            <translation>{tool} 暂停到 {time}</translation>
        </message>
        <message>
            <source>{tool} points at port {port}, where nothing answers, and {count} more like it.</source>
            <translation>{tool} 指向端口 {port}，那里没有回应；另有 {count} 个同样的情况。</translation>
        </message>
        <message>
            <source>{tool} points at port {port}, where nothing answers.</source>
            <translation>{tool} 指向端口 {port}，那里没有回应。</translation>
        </message>
        <message>
            <source>{tool} wants to send a request</source>
            <translation>{tool} 想发送一个请求</translation>
        </message>
        <message>
            <source>{tool}, {credits} credits, {count} requests</source>
            <translation>{tool}，{credits} 点数，{count} 个请求</translation>
        </message>
        <message>
            <source>{tool}, {day} {time}</source>
            <translation>{tool}，{day} {time}</translation>
        </message>
        <message>
            <source>{unit} without a limit</source>
            <translation>{unit}不限量</translation>
        </message>
        <message>
            <source>{unit}, how many is not told</source>
            <translation>{unit}，数量未说明</translation>
        </message>
        <message>
            <source>{usable} of {found} can be used; {abilities}.</source>
            <translation>{found} 个中有 {usable} 个可用；{abilities}。</translation>
        </message>
        <message>
            <source>{used} credits used, no limit</source>
            <translation>已用 {used} 点数，无限制</translation>
        </message>
        <message>
            <source>{used} of {count} found tools used this proxy</source>
            <translation>找到 {count} 个工具，其中 {used} 个用过本代理</translation>
        </message>
        <message>
            <source>{value} stays in force.</source>
            <translation>{value} 继续生效。</translation>
        </message>
        <message>
            <source>{variable} is set, so the next start signs you in again.</source>
            <translation>已设置 {variable}，因此下次启动会重新登录。</translation>
        </message>
        <message>
            <source>{where} Whoever has a key can spend your credits, and keys, prompts and answers cross the network unencrypted. Names of this computer must be listed in server.allowed_hosts. Listen on 127.0.0.1 to keep it to yourself.</source>
            <translation>{where}持有密钥的人都能花费你的点数，而且密钥、提示和回答会不加密地经过网络。本机的名称必须列在 server.allowed_hosts 中。要只供自己使用，请监听 127.0.0.1。</translation>
        </message>
        <message>
            <source>“{command}” checks the library, and installs it again if it is damaged.</source>
            <translation>“{command}”会检查该库，如已损坏则重新安装。</translation>
        </message>
        <message>
            <source>“{member}” was refused by this model; left out until {day}.</source>
            <translation>此模型拒绝了“{member}”；在 {day} 之前略去。</translation>
        </message>
        <message>
            <source>“{name}” is there twice.</source>
            <translation>“{name}”出现了两次。</translation>
        </message>
    </context>
    <context>
        <name>ReportDialog</name>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Copy report</source>
            <translation>复制报告</translation>
        </message>
        <message>
            <source>Delete report</source>
            <translation>删除报告</translation>
        </message>
        <message>
            <source>Report</source>
            <translation>报告</translation>
        </message>
    </context>
    <context>
        <name>RequestCard</name>
        <message>
            <source>Back to the list</source>
            <translation>返回列表</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Close details</source>
            <translation>关闭详情</translation>
        </message>
        <message>
            <source>Copy report</source>
            <translation>复制报告</translation>
        </message>
        <message>
            <source>Forget</source>
            <translation>忘记</translation>
        </message>
        <message>
            <source>Forget: {what}</source>
            <translation>忘记：{what}</translation>
        </message>
        <message>
            <source>Pause {tool}</source>
            <translation>暂停 {tool}</translation>
        </message>
        <message>
            <source>Request</source>
            <translation>请求</translation>
        </message>
        <message>
            <source>Resume {tool}</source>
            <translation>恢复 {tool}</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>时间</translation>
        </message>
        <message>
            <source>Time of the request</source>
            <translation>请求的用时</translation>
        </message>
        <message>
            <source>Tokens and credits</source>
            <translation>词元与点数</translation>
        </message>
    </context>
    <context>
        <name>RequestRows</name>
        <message>
            <source>Cached</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Content</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>Credits</source>
            <translation>点数</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>State</source>
            <translation>状态</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>时间</translation>
        </message>
        <message>
            <source>Tokens in → out</source>
            <translation>词元 输入 → 输出</translation>
        </message>
        <message>
            <source>Took</source>
            <translation>用时</translation>
        </message>
        <message>
            <source>Tool</source>
            <translation>工具</translation>
        </message>
        <message>
            <source>Traced</source>
            <translation>已跟踪</translation>
        </message>
    </context>
    <context>
        <name>RequestsCard</name>
        <message>
            <source>All activity</source>
            <translation>全部活动</translation>
        </message>
        <message>
            <source>Latest requests</source>
            <translation>最近的请求</translation>
        </message>
        <message>
            <source>No requests yet</source>
            <translation>还没有请求</translation>
        </message>
        <message>
            <source>They show up here the moment a tool sends one.</source>
            <translation>工具一发送请求，就会显示在这里。</translation>
        </message>
    </context>
    <context>
        <name>SecretField</name>
        <message>
            <source>Hide</source>
            <translation>隐藏</translation>
        </message>
        <message>
            <source>Hide {name}</source>
            <translation>隐藏{name}</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>显示</translation>
        </message>
        <message>
            <source>Show {name}</source>
            <translation>显示{name}</translation>
        </message>
    </context>
    <context>
        <name>SectionList</name>
        <message>
            <source>Sections</source>
            <translation>分区</translation>
        </message>
    </context>
    <context>
        <name>SettingsPage</name>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
    </context>
    <context>
        <name>Sidebar</name>
        <message>
            <source>Pages</source>
            <translation>页面</translation>
        </message>
    </context>
    <context>
        <name>SignInBody</name>
        <message>
            <source>GitHub page</source>
            <translation>GitHub 页面</translation>
        </message>
        <message>
            <source>My company uses its own GitHub address</source>
            <translation>我的公司使用自己的 GitHub 地址</translation>
        </message>
    </context>
    <context>
        <name>SignInDialog</name>
        <message>
            <source>Sign in to GitHub</source>
            <translation>登录 GitHub</translation>
        </message>
    </context>
    <context>
        <name>StateCard</name>
        <message>
            <source>Anthropic base URL</source>
            <translation>Anthropic 基础地址</translation>
        </message>
        <message>
            <source>Local key</source>
            <translation>本地密钥</translation>
        </message>
        <message>
            <source>OpenAI base URL</source>
            <translation>OpenAI 基础地址</translation>
        </message>
        <message>
            <source>Pause for</source>
            <translation>暂停</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>恢复</translation>
        </message>
        <message>
            <source>Serve tools</source>
            <translation>为工具提供服务</translation>
        </message>
    </context>
    <context>
        <name>StateFoot</name>
        <message>
            <source>Serve tools</source>
            <translation>为工具提供服务</translation>
        </message>
    </context>
    <context>
        <name>TermsDialog</name>
        <message>
            <source>Agree and enable</source>
            <translation>同意并启用</translation>
        </message>
        <message>
            <source>Enable a model</source>
            <translation>启用模型</translation>
        </message>
        <message>
            <source>Enable {model}</source>
            <translation>启用 {model}</translation>
        </message>
        <message>
            <source>GitHub asks for your agreement once. It holds for your account everywhere.</source>
            <translation>GitHub 只询问一次你是否同意。它对你的账户处处有效。</translation>
        </message>
        <message>
            <source>GitHub gives no terms for this model.</source>
            <translation>GitHub 没有给出此模型的条款。</translation>
        </message>
        <message>
            <source>Leave it off</source>
            <translation>保持关闭</translation>
        </message>
        <message>
            <source>Terms</source>
            <translation>条款</translation>
        </message>
    </context>
    <context>
        <name>ToastBar</name>
        <message>
            <source>Undo</source>
            <translation>撤销</translation>
        </message>
        <message>
            <source>Undo: {what}</source>
            <translation>撤销：{what}</translation>
        </message>
    </context>
    <context>
        <name>ToolChange</name>
        <message>
            <source>Models</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Undo when I quit</source>
            <translation>退出时撤销</translation>
        </message>
    </context>
    <context>
        <name>ToolDetails</name>
        <message>
            <source>Copy as steps</source>
            <translation>复制为步骤</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Shell</source>
            <translation>Shell</translation>
        </message>
    </context>
    <context>
        <name>ToolList</name>
        <message>
            <source>Tools</source>
            <translation>工具</translation>
        </message>
    </context>
    <context>
        <name>UsagePage</name>
        <message>
            <source>By model</source>
            <translation>按模型</translation>
        </message>
        <message>
            <source>By tool</source>
            <translation>按工具</translation>
        </message>
        <message>
            <source>Cached</source>
            <translation>缓存</translation>
        </message>
        <message>
            <source>Credits</source>
            <translation>点数</translation>
        </message>
        <message>
            <source>Credits by day</source>
            <translation>每日点数</translation>
        </message>
        <message>
            <source>Export CSV</source>
            <translation>导出 CSV</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Range</source>
            <translation>范围</translation>
        </message>
        <message>
            <source>Reading the figures</source>
            <translation>正在读取数字</translation>
        </message>
        <message>
            <source>Requests</source>
            <translation>请求</translation>
        </message>
        <message>
            <source>Tool</source>
            <translation>工具</translation>
        </message>
        <message>
            <source>Usage</source>
            <translation>用量</translation>
        </message>
    </context>
    <context>
        <name>Waiting</name>
        <message>
            <source>Time left for the code</source>
            <translation>代码的剩余时间</translation>
        </message>
    </context>
    <context>
        <name>_Code</name>
        <message>
            <source>Code to type on GitHub</source>
            <translation>在 GitHub 上输入的代码</translation>
        </message>
    </context>
    <context>
        <name>_Facts</name>
        <message>
            <source>Expected</source>
            <translation>预计</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>模型</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>大小</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>今天</translation>
        </message>
    </context>
    <context>
        <name>_Prompt</name>
        <message>
            <source>Enter</source>
            <translation>回车</translation>
        </message>
        <message>
            <source>Prompt to try the model</source>
            <translation>试用模型的提示</translation>
        </message>
        <message>
            <source>Say hello in five words.</source>
            <translation>用五个词打个招呼。</translation>
        </message>
    </context>
    <context>
        <name>_Today</name>
        <message>
            <source>Cache hits today</source>
            <translation>今天的缓存命中</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>今天</translation>
        </message>
        <message>
            <source>Today's credits</source>
            <translation>今天的点数</translation>
        </message>
    </context>
    <context>
        <name>_TracingStrip</name>
        <message>
            <source>Stop tracing</source>
            <translation>停止跟踪</translation>
        </message>
    </context>
</TS>
