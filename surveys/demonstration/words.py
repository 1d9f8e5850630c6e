"""What people in the demonstration township would have fixed first, by the environment it touches.

Nobody's name, number or real place: only things that happen among toys.
"""

COMMENTS = {
    "M1": (
        "办事窗口中午不排班，上班的人只能请假去。",
        "社区办证要跑两趟，材料清单能不能一次说清。",
    ),
    "M2": ("邻里纠纷调解等了一个多月，希望快一点。", "路口的执法时松时紧，标准不一样。"),
    "M3": ("早市的秤不太准，建议放一台公平秤。", "小店预付卡退不了钱，希望有人管。"),
    "M4": ("楼上深夜唱歌，提醒过也没用。", "公共座椅被占着晒被子。"),
    "M5": ("校门口放学时车太乱，孩子过马路不安全。", "附近没有给孩子打球的地方。"),
    "M6": (
        "楼道里的杂物一直没人清，堵着消防门。",
        "垃圾桶太少，周末就满出来了。",
        "电梯三天两头停，老人下不了楼。",
        "村口的旱厕味道大，盼着早点改。",
        "停车位不够，晚上回来没地方停。",
    ),
    "M7": ("后巷路灯坏了两盏，晚上走着害怕。", "电动车在楼道里充电，担心起火。"),
    "M8": ("小河夏天发臭，希望清一清淤。", "工地扬尘大，窗户不敢开。"),
}
IN_ENGLISH = (
    "The street light behind the market has been out for weeks.",
    "More bins near the bus stop, please.",
)
