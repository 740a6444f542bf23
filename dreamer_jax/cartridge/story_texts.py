"""What Lantern Isle's people and signs say; the form is `text.py`'s."""

STORY = {
  # Opening
  "intro": (
    "Night is long on\nLantern Isle."
    "\fBut its creatures\nglow in the dark."
    "\fGo, LUMI! Ask the\nKEEPER for one."
  ),
  # Duskhaven
  "mother": "Rest a bit, dear.\fThere! All your\nfriends are well.",
  "books": "Books on lamps,\nwicks and tides.",
  "sign_home": "LUMI's house",
  "sign_keeper": "KEEPER ODA's house",
  "villager": "The KEEPER's house\nhas three lamps.",
  "guard": "Beyond lies FERN\nROAD. Walk well!",
  "guard_stop": "Wait! No light, no\nroad north.\fSee the KEEPER.",
  "child": "Press START to see\nyour friends.",
  "neighbour_early": "The KEEPER looks\nfor you, LUMI.",
  "neighbour_gift": "Two BALMS for your\nfirst journey!",
  "neighbour_after": "Use a BALM when a\nfriend is hurt.",
  # Keeper's house
  "keeper": "Three lamps, LUMI.\nOne is for you.",
  "keeper_after": (
    "Two wardens guard\nthe great lamp."
    "\fWin both badges,\nthen go and\flight it in\nMOTHLIGHT."
  ),
  "starter_ask": "{kind}\nin this lamp.",
  "lamp_dim": "It glows softly.",
  "starter_got": (
    "{kind} is now\nyour friend!\fTake 10 BALLS too.\nGood luck!"
  ),
  # Fern Road
  "sign_south": "FERN ROAD\nTo DUSKHAVEN",
  "sign_north": "FERN ROAD\nTo BRIGHTWATER",
  "walker": "Weaken it, then\nthrow a BALL!",
  "camper_rill_before": "RILL: You there!\nLet us play!",
  "camper_rill_lost": "RILL: Oh! My\ntent...",
  "camper_rill_after": "RILL: I will camp\nhere a while.",
  # Brightwater
  "sign_gym": "BRIGHTWATER GYM\nWarden MARLA",
  "sign_heal": "HEALING HOUSE\nRest for free",
  "sign_shop": "SHOP\nBALLS and BALMS",
  "fisher": "MARLA's BEAKON is\nfierce. Be ready!",
  "sailor": "REED WALK is east.\nMOTHLIGHT is far.",
  "badge_stop": "The LAMP BADGE,\nplease?\fMARLA gives it to\nthe strong.",
  "badge_pass": "A LAMP BADGE! You\nmay go east.",
  "healer": "Welcome! Let me\nsee your friends.\fAll well again!",
  "guest": "Lose all, and you\nwake up healed.",
  "guest_2": "A tired friend\nneeds a TONIC.",
  "shop": "Welcome! What\nwill it be?",
  "shopper": "INCENSE keeps wild\nones away.",
  "shopper_2": "FINE BALLS catch\nthe rare ones.",
  # Brightwater's gym
  "gym_guide": "Level 7, and then\nsome: then go!",
  "novice_pia_before": "PIA: First you\nmust beat me!",
  "novice_pia_lost": "PIA: My light\nflickers!",
  "novice_pia_after": "PIA: MARLA is much\nstronger.",
  "leader_1_before": "I am MARLA, warden\nof the big lamp.\fShow your light!",
  "leader_1_lost": "MARLA: What a\nbright light!",
  "leader_1_badge": "The LAMP BADGE is\nyours, LUMI.",
  "leader_1_done": "LUMI got the\nLAMP BADGE!",
  "leader_1_gift": (
    "Take my LANTERN.\fIt lights WHISPER\nWOOD for you."
  ),
  "leader_1_after": "Keep your light\nburning, LUMI.",
  # Reed Walk, Whisper Wood, Ember Pass, Glowhollow
  "sign_reed": "North: WHISPER\nWOOD. Dark!",
  "dark_stop": "Too dark! Nobody\ngoes without a\fLANTERN.",
  "dark_pass": "With that LANTERN\nyou are safe.",
  "reed_jon_before": "JON: The reeds hid\nme well!",
  "reed_jon_lost": "JON: Splash...",
  "reed_jon_after": "JON: A cave lies\nto the east.",
  "wood_ada_before": "ADA: Who comes\nwith a light?",
  "wood_ada_lost": "ADA: So bright!",
  "wood_ada_after": "ADA: Left or\nright, both lead\fnorth.",
  "wood_finn_before": "FINN: Shh! Listen\nto the wood.",
  "wood_finn_lost": "FINN: The wood is\non your side.",
  "wood_finn_after": "FINN: FLIKKIT hide\nin here.",
  "sign_pass": "EMBER PASS\nTo MOTHLIGHT",
  "pass_bram_before": "BRAM: Mind the\nhot stones!",
  "pass_bram_lost": "BRAM: Ouch, hot!",
  "pass_bram_after": "BRAM: KILNOX live\nin this pass.",
  "cave_nell_before": "NELL: My lamp or\nyours?",
  "cave_nell_lost": "NELL: Yours.",
  "cave_nell_after": "NELL: The water\nshines here.",
  "found": "LUMI found\n{kind}!",
  "bag_full": "No room for more\n{kind}.",
  # Mothlight
  "moth_girl": "Moths dance round\nCORVIN's gym.",
  "old_sailor": "Dark lamp, lost\nships. Sad times.",
  "sign_gym_2": "MOTHLIGHT GYM\nWarden CORVIN",
  "sign_lighthouse": "THE GREAT LAMP",
  "gym_guide_2": "West lamp first,\nthen the east.",
  "lamp_lit": "The lamp is lit.\nIt burns low.",
  "lamp_out": "It flickers, and\ngoes out.",
  "lamp_burns": "It burns brightly.",
  "lock_open": "Both lamps burn.\nNo more bars!",
  "barrier": "Iron bars. There\nmust be a trick.",
  "novice_dov_before": "DOV: Fire against\nfire!",
  "novice_dov_lost": "DOV: Burnt out.",
  "novice_dov_after": "DOV: Mind the fire",
  "novice_una_before": "UNA: Leave those\nlamps alone!",
  "novice_una_lost": "UNA: Light them,\nthen.",
  "novice_una_after": "UNA: West, then\neast.",
  "leader_2_before": "CORVIN: The dark\nis beautiful.\fWhy light a lamp?",
  "leader_2_lost": "CORVIN: I see now.",
  "leader_2_badge": "Here, the MOTH\nBADGE.",
  "leader_2_done": "LUMI got the\nMOTH BADGE!",
  "leader_2_after": "CORVIN: Now go and\nlight the lamp.",
  # The lighthouse
  "stairs_stop": "Stop! Two badges\nopen this stair.",
  "tower_shut": "Only with two\nbadges, LUMI.",
  "tower_open": "Two badges! Climb\nup, LUMI.",
  "tower_after": "It shines as in my\nyounger days!",
  "great_lamp": "Light the\ngreat lamp?",
  "lamp_shines": "The great lamp\nshines again!",
  "credits_1": "And so the night\nof the isle ends.",
  "credits_2": "LANTERN ISLE\nA small game",
  "credits_3": "for dreamers made\nof numbers.",
  "credits_4": "Art, words, code:\nthe DreamerJAX",
  "credits_5": "project. Thank you\nfor playing!",
}
